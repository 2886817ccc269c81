package dev.muster.fasthep;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ProcessTree;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts FAST-HEP's own compiler, in a Python process that ends with this JVM. Thread-safe.
 */
final class Compiler {
  /** How long a compile may take where nothing else is said. */
  static final Duration LIMIT = Duration.ofMinutes(30);

  private static final Logger log = LoggerFactory.getLogger(Compiler.class);
  private static final Duration TO_ASK = Duration.ofSeconds(30);
  private static final int END_OF_LOG = 4000;
  private static final String MODULE = PythonPackage.NAME + ".compiler";

  /** Prints what is installed of FAST-HEP; imports none of it. */
  private static final String QUESTION = """
      import importlib.metadata, os
      for each in sorted(importlib.metadata.distributions(), key=lambda each: str(each.metadata["Name"])):
          name = str(each.metadata["Name"] or "").lower()
          if name.startswith(("fasthep", "hep")):
              record = each.locate_file("")
              print(name, each.version, record, [os.stat(path).st_mtime_ns for path in [getattr(each, "_path", None)] if path])
      """;

  private final Duration limit;

  Compiler(Duration limit) {
    this.limit = limit;
  }

  /**
   * Compiles.
   *
   * @param modules the folder that has the Python package
   * @param outdir an empty folder for the result
   * @param output the file for what Python prints
   * @throws WorkflowException if FAST-HEP refuses the workflow, or is not installed
   * @throws MusterException if the compiler cannot be started, crashes, or does not end in time
   */
  Answer compile(CompileRequest request, Path modules, Path outdir, Path output)
      throws IOException {
    List<String> command = List.of(request.python().toString(), "-P", "-m", MODULE);
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    builder.directory(request.root().toFile());
    environment(builder.environment(), modules, request.root());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    log.debug("{} in {}", command, request.root());
    int code = run(builder, request.toJson(outdir), limit, command, output);
    Path answer = outdir.resolve(Answer.FILE);
    if (code != 0 || !Files.isRegularFile(answer)) {
      throw new MusterException("the compile of " + request.file() + " ended with exit code " + code
          + (code == 0 ? " and without an answer" : "") + ": " + String.join(" ", command)
          + end(output));
    }
    try {
      return Answer.read(answer);
    } catch (Answer.RefusedException e) {
      throw refused(request, e);
    }
  }

  private static void environment(Map<String, String> environment, Path modules, Path root) {
    List<String> path = new ArrayList<>(List.of(modules.toString()));
    String users = environment.get("PYTHONPATH");
    if (users != null && !users.isEmpty()) {
      path.add(users);
    }
    path.add(root.toString()); // the tasks find its modules too
    environment.put("PYTHONPATH", String.join(File.pathSeparator, path));
    environment.putIfAbsent("PYTHONUTF8", "1");
    environment.put("FASTHEP_NO_LOGO", "1");
  }

  private static WorkflowException refused(CompileRequest request, Answer.RefusedException e) {
    String message = String.valueOf(e.getMessage());
    String path = e.kind().equals("not_installed") || e.kind().equals("too_old")
        ? "execution.config.python"
        : "";
    String hint = e.hint();
    if (e.kind().equals("not_installed")) {
      hint = (hint == null ? "" : hint + ", or ")
          + "name the Python that has it, as in --set config.python=/path/to/bin/python";
    }
    WorkflowException told = new WorkflowException(path, message, hint);
    told.initCause(e);
    log.debug("{} was refused: {}", request.file(), e.kind());
    return told;
  }

  /**
   * Returns what Python says of the packages of FAST-HEP, or null if it does not say.
   *
   * @param output a file for it
   */
  @Nullable
  String ask(Path python, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(python.toString(), "-I", "-c", QUESTION);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    int code = run(builder, new byte[0], TO_ASK, builder.command(), output);
    String text = Files.readString(output);
    return code == 0 ? text : null;
  }

  private static int run(
      ProcessBuilder builder, byte[] input, Duration limit, List<String> command, Path output)
      throws IOException {
    String shown = String.join(" ", command);
    try (ProcessTree tree = start(builder, shown)) {
      try (OutputStream in = tree.process().getOutputStream()) {
        in.write(input);
      } catch (IOException e) {
        log.debug("{} ended before it had read its request", shown, e);
      }
      if (!tree.process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new MusterException("FAST-HEP's compiler did not end within " + limit.toMinutes()
            + " min and was ended: " + shown + end(output));
      }
      return tree.process().exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MusterException("interrupted while FAST-HEP compiled: " + shown, e);
    }
  }

  private static ProcessTree start(ProcessBuilder builder, String shown) {
    try {
      return ProcessTree.start(builder, ProcessTree.DEFAULT_GRACE);
    } catch (IOException e) {
      throw new MusterException(
          "FAST-HEP's compiler cannot be started: " + shown + ": " + IoErrors.describe(e), e);
    }
  }

  /** Returns the end of what was printed, on lines of its own. */
  private static String end(Path output) {
    try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
      long from = Math.max(0, file.length() - END_OF_LOG);
      file.seek(from);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "; it printed nothing" : "\n" + text;
    } catch (IOException e) {
      return "; what it printed cannot be read: " + IoErrors.describe(e);
    }
  }
}
