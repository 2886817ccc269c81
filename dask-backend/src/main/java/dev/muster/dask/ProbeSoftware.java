package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ChildProcess;
import dev.muster.internal.process.LogTail;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a Python has of what Muster needs. Thread-safe. */
final class ProbeSoftware {
  private static final int SECONDS = 60;

  private ProbeSoftware() {}

  /**
   * Asks an interpreter of this host.
   *
   * @throws MusterException if it cannot be started or does not answer
   */
  static Map<String, @Nullable Object> here(String python, Path modules)
      throws InterruptedException {
    ProcessBuilder builder = PythonCommand.builder(python, modules, "muster_dask.probe");
    try {
      Path out = Files.createTempFile("muster-probe", ".out");
      Path err = Files.createTempFile("muster-probe", ".err");
      try {
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        Process process = ChildProcess.start(builder);
        try {
          if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new MusterException(python + " did not say what it has within " + SECONDS + " s");
          }
        } finally {
          process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
          throw new MusterException(python + " failed with exit code " + process.exitValue()
              + LogTail.section("stderr", err));
        }
        return answer(python, out);
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new MusterException(
          "'" + python + "' cannot be started (" + IoErrors.describe(e)
              + "); name an interpreter in" + " execution.config.python",
          e);
    }
  }

  private static Map<String, @Nullable Object> answer(String python, Path out) {
    String problem = "it is no object";
    try {
      Map<String, @Nullable Object> answer = read(out);
      if (answer != null) {
        return answer;
      }
    } catch (ValueException e) {
      problem = String.valueOf(e.getMessage());
    }
    throw new MusterException(
        python + " answered, but not as Python does: " + problem + LogTail.section("stdout", out));
  }

  /**
   * Returns an object from a file, or null if there is none.
   *
   * @throws ValueException if it holds something else than JSON
   */
  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  static @Nullable Map<String, @Nullable Object> read(Path file) {
    return Files.exists(file) && ValueEncoding.decode(file) instanceof Map<?, ?> found
        ? (Map<String, @Nullable Object>) found
        : null;
  }

  /**
   * Tells what software there is.
   *
   * @param reference the software of the bridge, with which it must agree, or null
   */
  static Finding finding(
      @Nullable String pool,
      String check,
      Map<String, @Nullable Object> software,
      @Nullable Map<String, @Nullable Object> reference,
      boolean secure,
      Duration took) {
    List<String> problems = new ArrayList<>();
    for (Object problem : (List<?>) Objects.requireNonNull(software.get("problems"))) {
      if (secure || !String.valueOf(problem).startsWith("cryptography")) {
        problems.add(String.valueOf(problem));
      }
    }
    if (reference != null) {
      for (String key : List.of("python", "distributed", "runtime")) {
        if (!Objects.equals(software.get(key), reference.get(key))) {
          problems.add(key + " is " + software.get(key) + ", and that of the bridge "
              + reference.get(key) + " (" + reference.get("executable") + ")");
        }
      }
    }
    String has = software.get("executable") + ": Python " + software.get("python")
        + ", distributed " + software.get("distributed");
    return new Finding(
        pool,
        check,
        problems.isEmpty() ? Outcome.GOOD : Outcome.BAD,
        problems.isEmpty() ? has : has + "; " + String.join("; ", problems),
        took);
  }
}
