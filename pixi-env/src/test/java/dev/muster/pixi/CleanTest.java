package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.PreparedEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments that were extracted on a worker's machine, and when they are removed there. */
class CleanTest {
  @TempDir
  Path base;

  private Site site;

  @BeforeEach
  void make() throws IOException {
    site = new Site(base);
  }

  /** Returns another environment, for which workers have to extract. */
  private PreparedEnvironment another(String text) throws IOException {
    site.file("lib/data.txt", text);
    return site.prepare();
  }

  private Path folder(PreparedEnvironment prepared) throws IOException {
    return site.node
        .resolve("muster-" + PrefixModeTest.uid())
        .resolve(PrefixModeTest.folder(prepared));
  }

  private void lastUsed(PreparedEnvironment prepared, int days) throws IOException {
    Files.setLastModifiedTime(
        folder(prepared).resolve(".muster/used"),
        FileTime.from(Instant.now().minus(Duration.ofDays(days)).minusSeconds(60)));
  }

  private Site.Said run(PreparedEnvironment prepared) throws Exception {
    Site.Said said = site.run(prepared, "cat \"$CONDA_PREFIX/lib/data.txt\"");
    assertThat(said.code()).as(said.err()).isZero();
    return said;
  }

  @Test
  void whatNobodyUsesIsRemovedWhenAnotherIsExtracted() throws Exception {
    PreparedEnvironment old = site.prepare();
    run(old);
    lastUsed(old, 14);
    Site.Said said = run(another("new\n"));
    assertThat(said.err())
        .contains("removed " + folder(old) + ", which no job has used for 14 days");
    assertThat(folder(old)).doesNotExist();
    try (Stream<Path> left = Files.list(folder(old).getParent())) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .noneMatch(each -> each.startsWith(".gone"));
    }
    said = run(old);
    assertThat(said.out()).isEqualTo("text\n");
    assertThat(said.err()).contains("extracted the environment");
  }

  @Test
  void whatWasUsedSinceStays() throws Exception {
    PreparedEnvironment old = site.prepare();
    run(old);
    lastUsed(old, 100);
    assertThat(run(old).err()).doesNotContain("extracted the environment");
    run(another("new\n"));
    assertThat(folder(old)).exists();
    lastUsed(old, 13);
    run(another("newer\n"));
    assertThat(folder(old)).exists();
  }

  @Test
  void whatARunningJobUsesStays() throws Exception {
    PreparedEnvironment old = site.prepare();
    Path started = pipe("started");
    Path end = pipe("end");
    Process job = site.start(
        old,
        "long",
        "echo started >" + started + "; cat " + end + " \"$CONDA_PREFIX/lib/data.txt\"");
    assertThat(Files.readString(started)).isEqualTo("started\n");
    lastUsed(old, 100);
    run(another("new\n"));
    assertThat(folder(old)).exists();
    Files.writeString(end, "");
    assertThat(site.said(job, "long").out()).isEqualTo("text\n");
    run(another("newer\n"));
    assertThat(folder(old)).doesNotExist();
  }

  private Path pipe(String name) throws Exception {
    Path pipe = base.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  @Test
  void whatIsBeingExtractedOrIsNoEnvironmentStays() throws Exception {
    PreparedEnvironment old = site.prepare();
    run(old);
    lastUsed(old, 100);
    Files.delete(folder(old).resolve(".muster/ready"));
    Path other = Files.createDirectories(folder(old).resolveSibling("results/.muster"));
    Files.createFile(other.resolve("ready"));
    Files.setLastModifiedTime(Files.createFile(other.resolve("used")), FileTime.fromMillis(0));
    run(another("new\n"));
    assertThat(folder(old)).exists();
    assertThat(other).exists();
  }

  @Test
  void whatAJobThatWasKilledHadPutAsideIsRemovedADayLater() throws Exception {
    run(site.prepare());
    Path root = folder(site.prepare()).getParent();
    Path early = Files.createDirectories(root.resolve(".gone.aaaaaa/env"));
    Path late = Files.createDirectories(root.resolve(".gone.bbbbbb/env"));
    Files.setLastModifiedTime(
        early.getParent(), FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    run(another("new\n"));
    assertThat(early.getParent()).doesNotExist();
    assertThat(late).exists();
  }

  @Test
  void forHowLongCanBeSaid() throws Exception {
    PreparedEnvironment old = site.prepare();
    run(old);
    lastUsed(old, 20);
    site.file("lib/data.txt", "new\n");
    run(site.prepare(Map.of("keep_days", 21)));
    assertThat(folder(old)).exists();
    site.file("lib/data.txt", "newer\n");
    run(site.prepare(Map.of("keep_days", 20)));
    assertThat(folder(old)).doesNotExist();
    assertThatThrownBy(() -> site.prepare(Map.of("keep_days", 0)))
        .hasMessageContaining("keep_days")
        .hasMessageContaining("from 1 to 3650");
  }
}
