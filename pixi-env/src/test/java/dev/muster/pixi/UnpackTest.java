package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.batch.spi.PreparedEnvironment;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnpackTest {
  private static final int JOBS = 50;

  @TempDir
  Path base;

  private Site site;

  @BeforeEach
  void make() throws IOException {
    site = new Site(base);
  }

  private Path root() throws IOException {
    return site.node.resolve("muster-" + PrefixModeTest.uid());
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(root())) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void manyJobsAtOnceExtractOnce() throws Exception {
    for (int i = 0; i < 300; i++) {
      site.file("lib/files/" + i, "x".repeat(i));
    }
    PreparedEnvironment prepared = site.prepare();
    List<Process> jobs = new ArrayList<>();
    for (int i = 0; i < JOBS; i++) {
      jobs.add(site.start(prepared, "job" + i, "ls \"$CONDA_PREFIX/lib/files\" | wc -l"));
    }
    int extracted = 0;
    for (int i = 0; i < JOBS; i++) {
      Site.Said said = site.said(jobs.get(i), "job" + i);
      assertThat(said.code()).as(said.err()).isZero();
      assertThat(said.out()).isEqualTo("300\n");
      extracted += said.err().contains("extracted the environment") ? 1 : 0;
    }
    assertThat(extracted).isEqualTo(1);
    String name = PrefixModeTest.folder(prepared);
    assertThat(left()).containsExactly(".lock-" + name, name);
  }

  @Test
  void withoutLocksEachJobIsSafeToo() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    Path tools = Files.createDirectories(base.resolve("tools"));
    for (String tool : List.of(
        "bash",
        "cat",
        "id",
        "mkdir",
        "chmod",
        "find",
        "wc",
        "stat",
        "sha256sum",
        "mktemp",
        "gzip",
        "tar",
        "grep",
        "xargs",
        "realpath",
        "mv",
        "rm",
        "date",
        "python3",
        "sh",
        "touch",
        "ls")) {
      Path program = tools.resolve(tool);
      Files.writeString(program, "#!/bin/bash\nexec /usr/bin/" + tool + " \"$@\"\n");
      assertThat(program.toFile().setExecutable(true)).isTrue();
    }
    PreparedEnvironment bare = new PreparedEnvironment(
        prepared.files(),
        Stream.concat(Stream.of("export PATH=" + tools), prepared.setup().stream())
            .toList(),
        "python",
        prepared.variables());
    List<Process> jobs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      jobs.add(site.start(bare, "bare" + i, "cat \"$CONDA_PREFIX/lib/data.txt\""));
    }
    for (int i = 0; i < jobs.size(); i++) {
      Site.Said said = site.said(jobs.get(i), "bare" + i);
      assertThat(said.out()).as(said.err()).isEqualTo("text\n");
    }
    assertThat(left()).filteredOn(name -> name.startsWith("env-")).hasSize(1);
    assertThat(left()).noneMatch(name -> name.startsWith(".env-"));
  }

  @Test
  void anArchiveThatWasCutOffIsRefused() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    try (RandomAccessFile file = new RandomAccessFile(Site.archive(prepared).toFile(), "rw")) {
      file.setLength(file.length() - 10);
    }
    Site.Said said = site.run(prepared, "echo never");
    assertThat(said.code()).isEqualTo(79);
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains("is refused", "truncated", "setup step 1 of 3: failed");
    assertThat(left()).noneMatch(name -> name.startsWith("env-"));
  }

  @Test
  void anArchiveThatWasAlteredIsRefused() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    try (RandomAccessFile file = new RandomAccessFile(Site.archive(prepared).toFile(), "rw")) {
      file.seek(file.length() / 2);
      int old = file.read();
      file.seek(file.length() / 2);
      file.write(old ^ 1);
    }
    assertThat(site.run(prepared, "echo never").err()).contains("is refused: it was altered");
  }

  @Test
  void anArchiveThatIsNotSeenIsSaid() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    Files.delete(Site.archive(prepared));
    assertThat(site.run(prepared, "echo never").err())
        .contains("there is no archive " + Site.archive(prepared), "do workers see the folder");
  }

  @Test
  void aJobCanDoWithoutTheArchiveWhereTheEnvironmentIsExtracted() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    assertThat(prepared.unless()).containsOnlyKeys(Site.archive(prepared));
    assertThat(site.spared(prepared)).isFalse();
    assertThat(site.node).isEmptyDirectory();
    assertThat(site.run(prepared, "true").code()).isZero();
    Path used = root().resolve(PrefixModeTest.folder(prepared)).resolve(".muster/used");
    Files.setLastModifiedTime(used, FileTime.fromMillis(0));

    assertThat(site.spared(prepared)).isTrue();

    assertThat(Files.getLastModifiedTime(used).toInstant())
        .as("nobody removes it now")
        .isAfter(Instant.now().minusSeconds(600));
    Files.delete(Site.archive(prepared));
    assertThat(site.run(prepared, "cat $CONDA_PREFIX/lib/data.txt").out()).isEqualTo("text\n");
  }

  @Test
  void anEnvironmentThatLostFilesDoesNotSpareTheArchive() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    assertThat(site.run(prepared, "true").code()).isZero();
    Path there = root().resolve(PrefixModeTest.folder(prepared));
    Files.delete(there.resolve("lib/data.txt"));
    Files.setLastModifiedTime(there.resolve(".muster/ready"), FileTime.fromMillis(0));

    assertThat(site.spared(prepared)).isFalse();
  }

  @Test
  void anEnvironmentElsewhereSparesTheArchiveToo() throws Exception {
    PreparedEnvironment prepared =
        site.prepare(Map.of("worker_env_dir", "$MUSTER_TEST_DIR/my envs"));
    Path elsewhere = base.resolve("else where");
    List<String> setup = new ArrayList<>(List.of("export MUSTER_TEST_DIR='" + elsewhere + "'"));
    setup.addAll(prepared.setup());
    assertThat(site.spared(prepared)).as("without the variable").isFalse();
    PreparedEnvironment there = new PreparedEnvironment(
        prepared.files(),
        Map.of(
            Site.archive(prepared),
            setup.get(0) + "\n" + prepared.unless().get(Site.archive(prepared))),
        setup,
        prepared.python(),
        prepared.variables());
    assertThat(site.spared(there)).isFalse();
    assertThat(site.run(there, "true").err()).contains(elsewhere + "/my envs/muster-");
    assertThat(site.spared(there)).isTrue();
  }

  @Test
  void anEnvironmentThatIsGoneSinceTheJobLookedIsSaid() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    assertThat(site.run(prepared, "true").code()).isZero();
    assertThat(site.spared(prepared)).isTrue();
    Files.delete(Site.archive(prepared));
    Path there = root().resolve(PrefixModeTest.folder(prepared));
    Files.move(there, base.resolve("gone"));

    Site.Said said = site.run(prepared, "echo never");

    assertThat(said.code()).isEqualTo(79);
    assertThat(said.err())
        .contains(
            "it is not sent to a machine that has " + there, "was removed since the job looked");
  }

  /** Makes an archive with tar, and extracts it as a worker would. */
  private Site.Said extract(String script) throws Exception {
    Path evil = Files.createDirectories(base.resolve("evil"));
    String entry = """
        entry() { # NAME FIELD=VALUE...: makes an archive with one entry
          python3 -c 'if True:
            import sys, tarfile
            info = tarfile.TarInfo(sys.argv[1])
            for field in sys.argv[2:]:
                name, value = field.split("=")
                setattr(info, name, getattr(tarfile, value) if name == "type" else int(value) if name.startswith("dev") else value)
            with tarfile.open("a.tar.gz", "w:gz") as tar:
                tar.addfile(info)' "$@"
        }
        """;
    Process tar = new ProcessBuilder("bash", "-ec", entry + script)
        .directory(evil.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(said).isZero();
    Path archive = evil.resolve("a.tar.gz");
    return site.unpack(
        Packed.PREFIX,
        archive.toString(),
        PixiPack.sha256(archive),
        Long.toString(Files.size(archive)),
        "env-evil",
        "",
        "14");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      echo x >f; tar -P --transform 's,^,../../../out/,' -czf a.tar.gz f | contains '..'
      echo x >f; tar -P --transform "s,^,$PWD/../out/," -czf a.tar.gz f | contains '..'
      echo x >f; tar -P --transform "s,^,$PWD/out/," -czf a.tar.gz f | a name that leads out of it
      ln -s /etc l; tar -czf a.tar.gz l | a link that leads out of it, to /etc
      ln -s ../../.. l; tar -czf a.tar.gz l | a link that leads out of it
      mkdir d; ln -s . d/e; ln -s d/e/e/../../.. l; tar -czf a.tar.gz d l | a link that leads out of it
      mkfifo p; tar -czf a.tar.gz p | p is neither file, folder nor link
      ln -s .. l; tar -cf a.tar l; rm l; mkdir l; echo x >l/out; tar -rf a.tar l/out; gzip a.tar | failed: tar
      echo x >f; ln f g; tar -P --transform 's,f$,../../out,' -czf a.tar.gz f g | contains '..'
      echo x >f; ln f g; tar -P --transform 's,f$,/etc/passwd,RSh' -czf a.tar.gz f g | failed: tar
      entry c type=CHRTYPE devmajor=1 devminor=3 | a.tar.gz
      entry b type=BLKTYPE devmajor=7 devminor=0 | a.tar.gz
      entry /etc/muster-evil | a name that leads out of it
      entry h type=LNKTYPE linkname=../../out | failed: tar
      head -c 100 /dev/urandom >a.tar.gz | not in gzip format
      head -c 100000 /dev/urandom >f; tar -czf whole f; head -c 50000 whole >a.tar.gz | unexpected end of file
      """)
  void aHostileArchiveIsRefused(String script, String words) throws Exception {
    Site.Said said = extract(script);
    assertThat(said.code()).as(said.err()).isNotZero();
    assertThat(said.out()).isEmpty();
    assertThat(said.err()).contains(words);
    assertThat(left()).containsExactly(".lock-env-evil");
    assertThat(site.node.resolve("out")).doesNotExist();
    assertThat(base.resolve("out")).doesNotExist();
    assertThat(base.resolve("evil/out")).doesNotExist();
  }

  @Test
  void aFullDiskIsSaid() throws Exception {
    site.file("lib/large", "0123456789".repeat(200_000));
    PreparedEnvironment prepared = site.prepare();
    String space = "unshare -rm bash -c 'mount -t tmpfs -o size=1m none " + site.node + " && ";
    assumeTrue(
        new ProcessBuilder("bash", "-c", space + "true'").start().waitFor() == 0,
        "this host lets nobody mount a small disk");
    Path script = base.resolve("job.sh");
    site.run(prepared, "true");
    ProcessBuilder job =
        new ProcessBuilder("bash", "-c", space + "TMPDIR=" + site.node + " bash " + script + "'");
    Site.Said said = site.said(
        job.redirectOutput(base.resolve("full.out").toFile())
            .redirectError(base.resolve("full.err").toFile())
            .start(),
        "full");
    assertThat(said.code()).isEqualTo(79);
    assertThat(said.err()).contains("the disk is full", "worker_env_dir");
  }

  @Test
  void anEnvironmentThatLostFilesIsExtractedAgain() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    assertThat(site.run(prepared, "true").code()).isZero();
    Path there = root().resolve(PrefixModeTest.folder(prepared));
    Files.delete(there.resolve("lib/data.txt"));
    Files.setLastModifiedTime(there.resolve(".muster/ready"), FileTime.fromMillis(0));
    Site.Said said = site.run(prepared, "cat $CONDA_PREFIX/lib/data.txt");
    assertThat(said.out()).as(said.err()).isEqualTo("text\n");
    assertThat(said.err()).contains("extracted the environment");
    said = site.run(prepared, "true");
    assertThat(said.err()).doesNotContain("extracted the environment");
  }

  @Test
  void aFolderOfSomebodyElseIsRefused() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    Path elsewhere = Files.createDirectories(base.resolve("elsewhere"));
    Files.createSymbolicLink(root(), elsewhere);
    assertThat(site.run(prepared, "echo never").err()).contains("is not a folder of user");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void whatAKilledJobLeftIsRemoved() throws Exception {
    PreparedEnvironment prepared = site.prepare();
    String name = PrefixModeTest.folder(prepared);
    Files.createDirectories(root().resolve("." + name + ".Xy12ab/env"));
    assertThat(site.run(prepared, "true").code()).isZero();
    assertThat(left()).containsExactly(".lock-" + name, name);
  }
}
