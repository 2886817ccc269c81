package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixModeTest {
  @TempDir
  Path base;

  private Site site;

  @BeforeEach
  void make() throws IOException {
    site = new Site(base);
  }

  @Test
  void aWorkerHasWhatWasPacked() throws Exception {
    String deep = "lib/" + "long-name-of-a-folder/".repeat(12) + "file with blanks and ü";
    site.file(deep, "deep\n");
    site.file("bin/tool", "#!/bin/sh\necho tool at $0\n");
    Files.setPosixFilePermissions(
        site.prefix.resolve("bin/tool"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createSymbolicLink(site.prefix.resolve("lib64"), Path.of("lib"));
    Files.createSymbolicLink(site.prefix.resolve("absolute"), site.prefix.resolve("lib/data.txt"));
    Files.createDirectories(site.prefix.resolve("empty"));
    PreparedEnvironment prepared = site.prepare();
    Path hidden = Files.move(site.prefix, base.resolve("hidden"));
    Site.Said said = site.run(
        prepared,
        "tool; cd \"$CONDA_PREFIX\"; cat lib64/data.txt absolute '" + deep
            + "'; stat -c %a bin/tool; test -d empty; command -v python; readlink absolute; pwd");
    Path there = site.node.resolve("muster-" + uid()).resolve(folder(prepared));
    assertThat(said.err()).contains("extracted the environment to " + there);
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.out())
        .isEqualTo("tool at " + there + "/bin/tool\ntext\ntext\ndeep\n751\n" + there
            + "/bin/python\nlib/data.txt\n" + there + "\n");
    assertThat(Files.getPosixFilePermissions(there.getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(hidden).exists();
  }

  static String uid() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
  }

  static String folder(PreparedEnvironment prepared) {
    return Site.archive(prepared).getFileName().toString().replace(".tar.gz", "");
  }

  @Test
  void activationScriptsOfPackagesCount() throws Exception {
    site.file("etc/conda/activate.d/one.sh", "export FROM_ONE=$CONDA_PREFIX; false\n");
    PreparedEnvironment prepared = site.prepare();
    Site.Said said = site.run(prepared, "basename $FROM_ONE");
    assertThat(said.out()).as(said.err()).isEqualTo(folder(prepared) + "\n");
  }

  @Test
  void variablesOfPackagesAndOfTheOwnerAreSet() throws Exception {
    site.file(
        "etc/conda/env_vars.d/one.json",
        "{\"FROM_PACKAGE\": \"it's $HOME; \\n\\\"quoted\\\"\", \"TAKEN\": \"x\", \"BOTH\": \"package\"}");
    site.file(
        "conda-meta/state",
        "{\"version\": 1, \"env_vars\": {\"DATA\": \"" + site.prefix
            + "/share\", \"TAKEN\": \"***unset***\", \"BOTH\": \"owner\"}}");
    site.file("etc/conda/activate.d/one.sh", "export SEEN=$BOTH\n");
    PreparedEnvironment prepared = site.prepare();
    Site.Said said = site.run(
        prepared,
        "printf '%s|' \"$FROM_PACKAGE\" \"${DATA#$CONDA_PREFIX}\" \"${TAKEN-none}\" \"$SEEN\"");
    assertThat(said.out()).as(said.err()).isEqualTo("it's $HOME; \n\"quoted\"|/share|none|owner|");
  }

  @Test
  void variablesThatCannotBeUnderstoodAreRefused() throws IOException {
    site.file("etc/conda/env_vars.d/one.json", "{\"A-B\": 1}");
    assertThatThrownBy(() -> site.prepare())
        .hasMessageContaining("etc/conda/env_vars.d/one.json cannot be understood")
        .hasMessageContaining("'A-B': 1 is no variable");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      pixi.toml | [activation]
      pixi.toml | [feature.gpu.activation.env]
      pixi.toml | activation = { scripts = ["setup.sh"] }
      pixi.toml | activation.env = { A = "b" }
      pyproject.toml | [tool.pixi.activation]
      """)
  void theActivationOfAProjectIsSaidNotToBeBrought(String file, String line) throws IOException {
    Files.writeString(base.resolve("project").resolve(file), "[workspace]\n" + line + "\n");
    site.prepare();
    assertThat(site.notices)
        .anySatisfy(each -> assertThat(each)
            .contains(
                base.resolve("project").resolve(file).toString(), line, "job_script_prologue"));
  }

  @Test
  void otherSectionsOfAProjectAreNotItsActivation() throws IOException {
    Files.writeString(
        base.resolve("project/pixi.toml"), "[dependencies]\nactivation-lib = \"*\"\n");
    Files.writeString(base.resolve("project/pyproject.toml"), "[tool.other.activation]\n");
    site.prepare();
    assertThat(site.notices).noneMatch(each -> each.contains("job_script_prologue"));
  }

  @Test
  void theSameContentIsPackedOnce() throws IOException {
    Path archive = Site.archive(site.prepare());
    assertThat(site.notices).hasSize(1).first().asString().contains("packing", "done once");
    Object inode = Files.getAttribute(archive, "unix:ino");
    assertThat(Site.archive(site.prepare())).isEqualTo(archive);
    assertThat(site.notices).hasSize(1);
    // Another time of change: read again, and found to be the same.
    Files.setLastModifiedTime(
        site.prefix.resolve("lib/data.txt"), java.nio.file.attribute.FileTime.fromMillis(1000));
    assertThat(Site.archive(site.prepare())).isEqualTo(archive);
    assertThat(site.notices).hasSize(2);
    assertThat(Files.getAttribute(archive, "unix:ino")).isEqualTo(inode);
    site.file("lib/data.txt", "other\n");
    assertThat(Site.archive(site.prepare())).isNotEqualTo(archive);
  }

  @Test
  void aPreviewWritesNothingAndKnowsWhatIsThere() throws IOException {
    PackedPixiEnvironment provider = new PackedPixiEnvironment();
    PreparedEnvironment before = provider.preview(site.with(Map.of()));
    assertThat(base.resolve("cache")).doesNotExist();
    assertThat(before.setup().get(0)).contains("made-at-the-start");
    PreparedEnvironment prepared = site.prepare();
    assertThat(provider.preview(site).files()).contains(Site.archive(prepared));
  }

  @Test
  void theManifestListsPackages() throws IOException {
    site.file(
        "conda-meta/numpy-2.1.0-py.json",
        "{\"name\": \"numpy\", \"version\": \"2.1.0\", \"build\": \"py\", \"sha256\": \"ab\"}");
    site.file("conda-meta/history", "");
    site.file(
        "lib/python3.11/site-packages/dask-1.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: dask\nVersion: 1\n\nName: not this\n");
    Path archive = Site.archive(site.prepare());
    assertThat(Files.readString(Store.manifest(archive)))
        .contains("\"numpy\"", "\"2.1.0\"", "\"dask\"", "\"sha256\"", "\"content\"")
        .doesNotContain("not this");
  }

  @Test
  void anArchiveCanHaveAPlaceOfItsOwn() throws Exception {
    Map<String, Object> own = Map.of("archive_path", "my archives/env.tgz");
    PreparedEnvironment prepared = site.prepare(own);
    assertThat(prepared.files())
        .allMatch(file -> file.startsWith(base.resolve("my archives")))
        .contains(base.resolve("my archives/env.tgz"));
    assertThat(site.run(prepared, "true").code()).isZero();
    site.prepare(own);
    assertThat(site.notices).hasSize(1);
  }

  @Test
  void aWorkersFolderCanBeNamed() throws Exception {
    Path scratch = base.resolve("scratch 1");
    Site.Said said =
        site.run(site.prepare(Map.of("worker_env_dir", scratch.toString())), "echo $CONDA_PREFIX");
    assertThat(said.out()).as(said.err()).startsWith(scratch + "/muster-" + uid() + "/env-");
    said = site.run(site.prepare(Map.of("worker_env_dir", "$TMPDIR/a b")), "echo $CONDA_PREFIX");
    assertThat(said.out()).as(said.err()).startsWith(site.node + "/a b/muster-");
    said = site.run(site.prepare(Map.of("worker_env_dir", "mine")), "echo $CONDA_PREFIX");
    assertThat(said.out()).as(said.err()).startsWith(site.node + "/muster-" + uid() + "/mine/");
    said = site.run(site.prepare(Map.of("worker_env_dir", "$NO_SUCH/a")), "echo never");
    assertThat(said.code()).isEqualTo(79);
    assertThat(said.err()).contains("NO_SUCH: is not set on this worker (worker_env_dir)");
  }

  @Test
  void aModuleThatIsMissingIsFoundBeforeAnythingIsSubmitted() {
    assertThatThrownBy(() -> site.prepare(Map.of("imports", List.of("json", "no_such_module"))))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("the check of the packed environment")
        .hasMessageContaining("No module named 'no_such_module'");
  }

  @Test
  void anEnvironmentThatStillUsesItsOldPlaceIsRefused() throws IOException {
    site.file("lib/hidden/borrowed.py", "x = 1\n");
    Files.createSymbolicLink(base.resolve("alias"), site.prefix);
    site.file(
        "bin/python",
        "#!/bin/sh\nPYTHONPATH=" + base.resolve("alias/lib/hidden")
            + " exec /usr/bin/python3 \"$@\"\n");
    site.executable("bin/python");
    assertThatThrownBy(() -> site.prepare(Map.of("imports", "borrowed")))
        .hasMessageContaining("it still uses files of " + site.prefix);
  }

  @Test
  void whatLeadsOutOfTheEnvironmentIsRefused() throws Exception {
    Files.createSymbolicLink(site.prefix.resolve("lib/out"), Path.of("../../../../../out"));
    Files.createSymbolicLink(site.prefix.resolve("lib/host"), Path.of("/usr/bin/env"));
    assertThat(new ProcessBuilder("mkfifo", site.prefix.resolve("pipe").toString())
            .start()
            .waitFor())
        .isZero();
    assertThatThrownBy(() -> site.prepare())
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("lib/out is a link to ../../../../../out, outside of it")
        .hasMessageContaining("lib/host is a link to /usr/bin/env")
        .hasMessageContaining("pipe is neither file, folder nor link")
        .hasMessageContaining("type: shared");
  }

  @Test
  void whatIsNotThereIsSaid() throws IOException {
    assertThatThrownBy(() -> site.prepare(Map.of("environment", "gpu")))
        .hasMessageContaining("neither an installed environment in")
        .hasMessageContaining(".pixi/envs/gpu")
        .hasMessageContaining("pixi install -e gpu");
    assertThatThrownBy(() -> site.prepare(Map.of("prefix", "nowhere")))
        .hasMessageContaining("there is no installed environment in " + base.resolve("nowhere"));
    Files.createDirectory(base.resolve("empty"));
    assertThatThrownBy(() -> site.prepare(Map.of("prefix", "empty")))
        .hasMessageContaining("has no bin/python");
    assertThatThrownBy(() -> site.prepare(Map.of("compresion_level", 1)))
        .hasMessageContaining("did you mean 'compression_level'?");
    assertThatThrownBy(() -> site.prepare(Map.of("compression_level", 0)))
        .hasMessageContaining("from 1 to 9");
    assertThatThrownBy(() -> site.prepare(Map.of("mode", "both")))
        .hasMessageContaining("prefix or lock");
    assertThatThrownBy(() -> site.prepare(Map.of("worker_env_dir", "/scratch/10:00")))
        .hasMessageContaining("worker_env_dir")
        .hasMessageContaining("a folder without a colon");
    assertThatThrownBy(() -> site.prepare(Map.of("worker_env_dir", "a/../b")))
        .hasMessageContaining("worker_env_dir");
    site.file("conda-meta/broken-1.json", "{");
    assertThatThrownBy(() -> site.prepare()).hasMessageContaining("broken-1.json is no record");
  }

  @Test
  void theSourceOfAnEditablePackageBecomesPartOfTheArchive() throws Exception {
    Path source = Files.createDirectories(base.resolve("work/my project/src/mypkg"));
    Files.writeString(source.resolve("__init__.py"), "WORD = 'from source'\n");
    Files.createDirectories(base.resolve("work/my project/src/.git"));
    Path other = Files.createDirectories(base.resolve("work/finder/found"));
    Files.writeString(other.resolve("__init__.py"), "WORD = 'by finder'\n");
    String packages = "lib/python3.11/site-packages/";
    site.file(packages + "mypkg.pth", source.getParent() + "\n");
    site.file(
        packages + "__editable___found_1_finder.py",
        "MAPPING: dict[str, str] = {'found': '" + other + "'}\n");
    site.file(
        packages + "mypkg-1.dist-info/direct_url.json",
        "{\"dir_info\": {\"editable\": true}, \"url\": \"file://"
            + base.resolve("work/my%20project") + "\"}");
    PreparedEnvironment prepared = site.prepare();
    Files.move(base.resolve("work"), base.resolve("gone"));
    Site.Said said = site.run(
        prepared,
        "cd $CONDA_PREFIX/lib/python3.11/site-packages; cat mypkg.pth; cat $(cat mypkg.pth)/mypkg/__init__.py;"
            + " ls -A $(cat mypkg.pth); cat $(sed \"s/.*: '//; s/'}//\" __editable___found_1_finder.py)/__init__.py");
    assertThat(said.out())
        .as(said.err())
        .contains("/.muster/editable/", "from source", "by finder")
        .doesNotContain(".git", base.resolve("work").toString());
  }

  @Test
  void anEditablePackageWithoutASourceFolderIsRefused() throws IOException {
    Files.createDirectories(base.resolve("work"));
    site.file(
        "lib/python3.11/site-packages/odd-1.dist-info/direct_url.json",
        "{\"dir_info\": {\"editable\": true}, \"url\": \"file://" + base.resolve("work") + "\"}");
    assertThatThrownBy(() -> site.prepare())
        .hasMessageContaining("odd-1")
        .hasMessageContaining("install it without -e");
  }
}
