package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.error.MusterException;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCodeTest {
  @TempDir
  Path folder;

  private Path write(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "x = 1\n");
  }

  private UserCode code(Staging staging, String... named) {
    Workflow workflow = Workflow.builder()
        .name("w")
        .baseDirectory(folder.resolve("analysis"))
        .registry(new Registry(Map.of("one", "plain.module:one"), Map.of()))
        .stage("A")
        .op("one")
        .stage("B")
        .op("shell")
        .param("command", List.of("sh", "{base_dir}/run/it.sh", "{base_dir}/nowhere"))
        .param("stdin", "$MUSTER_BASE_DIR/table.csv")
        .build();
    Execution execution = Execution.builder()
        .backend("dask")
        .staging(staging)
        .code(named)
        .pool("default", pool -> pool.workers(1))
        .build();
    return UserCode.of(new FixedContext(Muster.plan(workflow, execution), folder.resolve("run")));
  }

  private List<String> sent(UserCode code) throws IOException {
    Path archive = folder.resolve("code.zip");
    code.write(archive);
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return List.copyOf(new TreeSet<>(zip.stream().map(ZipEntry::getName).toList()));
    }
  }

  @Test
  void modulesBesideTheWorkflowAndNamedScriptsTravel() throws IOException {
    write("analysis/ops.py");
    write("analysis/notes.txt");
    write("analysis/table.csv");
    write("analysis/.hidden.py");
    write("analysis/package/__init__.py");
    write("analysis/package/data/a.json");
    write("analysis/package/__pycache__/a.pyc");
    write("analysis/package/.git/config");
    write("analysis/plain/module.py");
    write("analysis/results/big.root");
    assertThat(write("analysis/run/it.sh").toFile().setExecutable(true)).isTrue();
    write("analysis/run/other.sh");

    UserCode code = code(Staging.TRANSFER);
    assertThat(sent(code))
        .containsExactly(
            "base/ops.py",
            "base/package/__init__.py",
            "base/package/data/a.json",
            "base/plain/module.py",
            "base/run/it.sh",
            "base/table.csv");
    assertThat(code.executables()).containsExactly("base/run/it.sh");
    assertThat(code.sentFolders()).isEmpty();
    assertThat(code.sizes()).containsEntry("package", 12L).containsEntry("run/it.sh", 6L);
  }

  @Test
  void whatIsNamedIsFoundByItsName() throws IOException {
    write("analysis/lib/inside.py");
    write("far/pack/__init__.py");
    write("far/loose/deep/module.py");
    write("far/single.py");
    Path wheel = folder.resolve("far/tool-1.0-py3-none-any.whl");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(wheel))) {
      out.putNextEntry(new ZipEntry("tool/"));
      out.putNextEntry(new ZipEntry("tool/__init__.py"));
      out.write("x = 1\n".getBytes(StandardCharsets.UTF_8));
    }
    String far = folder.resolve("far").toString();
    String[] named = {
      "lib", far + "/pack/", "../far/loose", far + "/single.py", wheel.toString(), "lib/inside.py"
    };

    UserCode code = code(Staging.TRANSFER, named);
    assertThat(sent(code))
        .containsExactly(
            "base/lib/inside.py",
            "code-1/pack/__init__.py",
            "code-2/loose/deep/module.py",
            "code-3/single.py",
            "code-4/tool/",
            "code-4/tool/__init__.py");
    assertThat(code.sentFolders())
        .containsExactly("base/lib", "code-1", "code-2/loose", "code-3", "code-4");

    UserCode shared = code(Staging.SHARED, named);
    Path work = folder.resolve("work");
    assertThat(shared.isEmpty()).as("no file but the wheel's").isFalse();
    assertThat(shared.folders(work))
        .containsExactly(
            folder.resolve("analysis/lib"),
            folder.resolve("far"),
            folder.resolve("far/loose"),
            work.resolve("code-4"));
    shared.unpack(work);
    assertThat(work.resolve("code-4/tool/__init__.py")).hasContent("x = 1");
  }

  @Test
  void whatIsNotThereIsAnError() {
    assertThatThrownBy(() -> code(Staging.SHARED, "lib/"))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("execution.code names as lib/")
        .hasMessageContaining(folder.resolve("analysis/lib").toString());
  }

  @Test
  void tooMuchIsAnErrorThatNamesTheLargest() throws IOException {
    write("analysis/small.py");
    write("analysis/package/__init__.py");
    try (RandomAccessFile large =
        new RandomAccessFile(folder.resolve("analysis/package/table.bin").toFile(), "rw")) {
      large.setLength(UserCode.MOST_BYTES + 1);
    }
    assertThatThrownBy(() -> code(Staging.TRANSFER))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("64 MiB")
        .hasMessageContaining("the largest: package (65536 KiB), small.py")
        .hasMessageContaining("execution.code");
    assertThat(code(Staging.SHARED).sizes()).isEmpty();
  }

  @Test
  void linksToFoldersAreAnError() throws IOException {
    write("analysis/package/__init__.py");
    Files.createSymbolicLink(folder.resolve("analysis/package/loop"), folder.resolve("analysis"));
    assertThatThrownBy(() -> code(Staging.TRANSFER))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(folder.resolve("analysis/package/loop").toString());
  }

  @Test
  void aWheelThatLeadsOutOfItsFolderIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("analysis"));
    Path wheel = folder.resolve("bad-1.0-py3-none-any.whl");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(wheel))) {
      out.putNextEntry(new ZipEntry("../outside.py"));
    }
    UserCode code = code(Staging.SHARED, wheel.toString());
    assertThatThrownBy(() -> code.unpack(folder.resolve("work")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("../outside.py");
    assertThat(folder.resolve("outside.py")).doesNotExist();
  }
}
