package dev.muster.batch.backend;

import dev.muster.batch.internal.usercode.CodeArchive;
import dev.muster.batch.internal.usercode.SentSetup;
import dev.muster.batch.internal.usercode.UserCode;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobSpec;
import dev.muster.internal.io.IoErrors;
import dev.muster.spi.WorkerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all jobs of a session are sent, as they see nothing of this host: Muster's Python modules, the user's code, the
 * environment's files and copies of credentials. Immutable and thread-safe.
 *
 * @param work the session's folder
 * @param code the user's code
 */
record SentCode(WorkerContext context, Path work, UserCode code) {
  /** The name of the archive with Muster's Python modules. */
  static final String MODULES = "muster_python.zip";

  private static final String CODE = "muster_code.zip";

  /** Writes the archives. */
  void write() {
    Path modules = work.resolve("python");
    Map<String, Path> files = new LinkedHashMap<>();
    try (Stream<Path> all = Files.walk(modules)) {
      all.filter(Files::isRegularFile)
          .forEach(file -> files.put(modules.relativize(file).toString(), file));
    } catch (IOException e) {
      throw IoErrors.unchecked("the Python files of the jobs cannot be read", e);
    }
    CodeArchive.write(work.resolve(MODULES), files, Map.of());
    if (!code.isEmpty()) {
      code.write(work.resolve(CODE));
    }
  }

  /** Returns the files that each job is sent. */
  List<Path> files() {
    List<Path> files = new ArrayList<>(JobContext.of(context).environment().files());
    files.add(work.resolve(MODULES));
    if (!code.isEmpty()) {
      files.add(work.resolve(CODE));
    }
    SentSetup.credentials(context.credentials()).values().forEach(file -> files.add(Path.of(file)));
    return files;
  }

  /** Returns what a job is told of the user's code. */
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> told = new LinkedHashMap<>();
    told.put("archive", code.isEmpty() ? null : CODE);
    told.put("executable", code.executables());
    told.put("path", code.sentFolders());
    return told;
  }

  /** Returns the folders for Python's module path, in the job's folder. */
  List<String> path() {
    List<String> folders = new ArrayList<>(List.of("base"));
    folders.addAll(code.sentFolders());
    return folders;
  }

  /** Returns what is sent with a job, for people: by name, in bytes, -1 where that is made later. */
  Map<String, Long> described() {
    Map<String, Long> described = new LinkedHashMap<>();
    for (Path file : files()) {
      String name = String.valueOf(file.getFileName());
      if (!name.equals(CODE)) {
        described.put(name, Files.isRegularFile(file) ? file.toFile().length() : -1L);
      }
    }
    code.sizes().forEach((what, bytes) -> described.put("code: " + what, bytes));
    described.put(JobSpec.parcelIn("N") + ": the calls of job N, with their files", -1L);
    return described;
  }
}
