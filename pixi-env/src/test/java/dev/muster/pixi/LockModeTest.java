package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockModeTest {
  @TempDir
  Path base;

  private Site site;
  private Path project;
  private String path;

  @BeforeEach
  void make() throws IOException {
    site = new Site(base);
    project = base.resolve("project");
    Files.move(site.prefix, project.resolve("prefix"));
    Files.writeString(project.resolve("prefix/lib/data.txt"), "at @PREFIX@\n");
    Files.writeString(
        project.resolve("pixi.lock"), "version: 6\nenvironments:\n  default:\n  gpu:\n");
    Path tools = Files.createDirectories(base.resolve("tools"));
    try (InputStream in =
        Objects.requireNonNull(LockModeTest.class.getResourceAsStream("pixi-pack"))) {
      Files.copy(in, tools.resolve("pixi-pack"));
    }
    assertThat(tools.resolve("pixi-pack").toFile().setExecutable(true)).isTrue();
    path = tools + ":" + System.getenv("PATH");
  }

  private PreparedEnvironment prepare(Map<String, Object> own) {
    return new PackedPixiEnvironment(path).prepare(site.with(own));
  }

  @Test
  void pixiPackIsToldWhatToPack() {
    PackedPixiOptions options = PackedPixiOptions.of(site.with(Map.of("environment", "gpu")));
    assertThat(PixiPack.arguments(List.of("pixi", "pack"), options, Path.of("/cache/a.sh")))
        .containsExactly(
            "pixi",
            "pack",
            "--environment",
            "gpu",
            "--ignore-pypi-non-wheel",
            "--create-executable",
            "--output-file",
            "/cache/a.sh",
            project.toString());
  }

  @Test
  void pixiPackIsFoundUnderBothNames() throws IOException {
    assertThat(PixiPack.find(path))
        .containsExactly(base.resolve("tools/pixi-pack").toString());
    Files.move(base.resolve("tools/pixi-pack"), base.resolve("tools/pixi"));
    assertThat(PixiPack.find(path)).containsExactly(base.resolve("tools/pixi").toString(), "pack");
    assertThat(PixiPack.find("/nowhere")).isNull();
    assertThat(PixiPack.find(null)).isNull();
  }

  @Test
  void workersHaveWhatTheLockFileNames() throws Exception {
    PreparedEnvironment prepared = prepare(Map.of("worker_env_dir", "worker-env"));
    Files.move(project, base.resolve("gone"));
    Site.Said said = site.run(
        prepared,
        "cat $CONDA_PREFIX/lib/data.txt; command -v python; echo $CONDA_DEFAULT_ENV; pwd");
    String name = Site.archive(prepared).getFileName().toString().replace(".sh", "");
    String there = site.node + "/muster-" + PrefixModeTest.uid() + "/" + name + "/worker-env";
    assertThat(said.out())
        .as(said.err())
        .isEqualTo("at " + there + "\n" + there + "/bin/python\nworker-env\n" + base + "\n");
  }

  @Test
  void theSameLockFileIsPackedOnce() throws IOException {
    prepare(Map.of());
    prepare(Map.of());
    assertThat(project.resolve("packed.log")).hasContent("packed");
    prepare(Map.of("environment", "gpu"));
    assertThat(Files.readAllLines(project.resolve("packed.log"))).hasSize(2);
  }

  @Test
  void manyJobsAtOnceExtractOnce() throws Exception {
    PreparedEnvironment prepared = prepare(Map.of());
    List<Process> jobs = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      jobs.add(site.start(prepared, "job" + i, "cat $CONDA_PREFIX/lib/data.txt"));
    }
    int extracted = 0;
    for (int i = 0; i < jobs.size(); i++) {
      Site.Said said = site.said(jobs.get(i), "job" + i);
      assertThat(said.out()).as(said.err()).startsWith("at " + site.node);
      extracted += said.err().contains("extracted the environment") ? 1 : 0;
    }
    assertThat(extracted).isEqualTo(1);
  }

  @Test
  void aFolderMayHaveANameWithBlanks() throws Exception {
    Path scratch = base.resolve("my scratch");
    PreparedEnvironment prepared = prepare(Map.of("worker_env_dir", scratch.toString()));
    Site.Said said = site.run(prepared, "cat \"$CONDA_PREFIX/lib/data.txt\"; command -v python");
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.out()).startsWith("at " + scratch + "/muster-").contains("/env/bin/python\n");
    try (Stream<Path> left = Files.list(scratch.resolve("muster-" + PrefixModeTest.uid()))) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .noneMatch(each -> each.matches("\\.pixi-[0-9a-f]+\\..*|tmp\\..*"));
    }
  }

  @Test
  void theManifestListsWhatIsInTheArchive() throws IOException {
    Path archive = Site.archive(prepare(Map.of()));
    assertThat(Files.readString(Store.manifest(archive)))
        .contains("\"all\"", "\"1.0\"", "all-1.0-0.tar.bz2", "\"lock\"");
    assertThat(PixiArchive.packages(archive))
        .singleElement()
        .satisfies(one -> assertThat(one).containsKeys("name", "version", "build", "sha256"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      : >"$1" | has no line @@END_HEADER@@
      sed -i 's/^@@END_HEADER@@$/@@END_HEADER@@\\nAAAA/' "$1" | has no empty line after @@END_HEADER@@
      head -c 2000 "$1" >"$1.cut"; mv "$1.cut" "$1" | is cut off or damaged
      edit "$1" 's/"version": "1"/"version": "2"/' | has format "2", and 1 is understood
      edit "$1" 's/pixi-pack.json/pixi-puck.json/g' | has no pixi-pack.json
      edit "$1" 's,linux-64/all-,linux-64/alo-,' | and does not have it
      edit "$1" 's/"sha256": "./"sha256": "x/' | has another all-1.0-0.tar.bz2 than it says
      edit "$1" 's/"packages"/"puckages"/' | has no packages in channel/*/repodata.json
      edit "$1" 's/{"info"/x"info"/' | has a channel/linux-64/repodata.json that is no JSON
      """)
  void anArchiveThatIsNotAsDocumentedIsRefused(String spoil, String why) throws IOException {
    Path tool = base.resolve("tools/pixi-pack");
    Files.move(tool, base.resolve("tools/real-pixi-pack"));
    Files.writeString(tool, """
        #!/bin/bash
        edit() { # FILE SED-COMMAND: changes the tar archive within
          { sed '/^@@END_HEADER@@$/q' "$1"; echo; sed '1,/^@@END_HEADER@@$/d' "$1" | sed -n 2p | base64 -d | LC_ALL=C sed "$2" | base64 -w 0; echo; } >"$1.new"
          mv "$1.new" "$1"
        }
        spoil() { %s; }
        while [ "$1" != --output-file ]; do words+=("$1"); shift; done
        "$(dirname "$0")/real-pixi-pack" "${words[@]}" "$@" && spoil "$2"
        """.formatted(spoil));
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(() -> prepare(Map.of()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("pixi-pack made no archive that can be used")
        .hasMessageContaining(why);
    try (Stream<Path> left = Files.list(base.resolve("cache"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whatPixiPackSaysIsTold() {
    assertThatThrownBy(() -> prepare(Map.of("environment", "cuda")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("--create-executable")
        .hasMessageContaining("environment not found in lockfile: cuda");
  }

  @Test
  void withoutPixiPackAnArchiveThatIsThereIsTaken() throws Exception {
    prepare(Map.of("archive_path", "env.sh"));
    path = "/nowhere";
    PreparedEnvironment prepared = prepare(Map.of("archive_path", "env.sh"));
    assertThat(site.notices.get(1)).contains("no pixi-pack", "env.sh");
    assertThat(site.run(prepared, "true").code()).isZero();
    assertThatThrownBy(() -> prepare(Map.of()))
        .hasMessageContaining("neither pixi-pack nor pixi on the PATH");
  }

  @Test
  void aMissingLockFileIsSaid() throws IOException {
    Files.delete(project.resolve("pixi.lock"));
    assertThatThrownBy(() -> prepare(Map.of("mode", "lock")))
        .hasMessageContaining("there is no " + project.resolve("pixi.lock"))
        .hasMessageContaining("pixi lock");
    assertThatThrownBy(() -> prepare(Map.of("mode", "lock", "prefix", "/a")))
        .hasMessageContaining("execution.environment.prefix");
  }
}
