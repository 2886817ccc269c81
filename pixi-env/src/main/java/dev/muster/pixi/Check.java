package dev.muster.pixi;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries an archive out on this host, as a worker would use it, before anything is submitted. Thread-safe. */
final class Check {
  private static final Logger log = LoggerFactory.getLogger(Check.class);

  // Imports the modules, and makes sure that nothing comes from where the environment was
  // installed.
  private static final String PROGRAM = """
      import importlib, os, sys
      old = os.path.realpath(sys.argv[1]) if sys.argv[1] else ''
      for name in sys.argv[2:]:
          importlib.import_module(name)
      used = [str(getattr(module, '__file__', None) or '') for module in list(sys.modules.values())]
      with open('/proc/self/maps', encoding='utf-8', errors='replace') as maps:
          used += [line.split(None, 5)[-1].strip() for line in maps]
      bad = sorted({path for path in used if old and os.path.realpath(path).startswith(old + '/')})
      if bad:
          sys.exit('it still uses files of ' + old + ': ' + ', '.join(bad[:5]))
      print(sys.version)
      """;

  private Check() {}

  /**
   * Extracts an archive into a temporary folder and imports what must be there; an archive for which that went well is
   * not tried again.
   *
   * @throws MusterException if it cannot be extracted, or a module is missing
   */
  static void run(
      Store store,
      PackedPixiOptions options,
      Packed packed,
      PreparedEnvironment prepared,
      EnvironmentContext context)
      throws IOException {
    String how = String.join(" ", options.imports());
    if (store.checked(packed, how)) {
      return;
    }
    Path folder = Files.createTempDirectory("muster-check");
    try {
      List<String> lines = new ArrayList<>();
      for (String line : prepared.setup()) {
        lines.add(line + " || exit 79");
      }
      List<String> python = new ArrayList<>(List.of(
          String.valueOf(prepared.python()),
          "-c",
          PROGRAM,
          options.prefix() == null ? "" : options.prefix().toString()));
      python.addAll(options.imports());
      lines.add("exec " + ShellWords.join(python));
      Map<String, String> variables = new HashMap<>(prepared.variables());
      variables.put("MUSTER_FILES", String.valueOf(packed.archive().getParent()));
      variables.put("TMPDIR", folder.toString());
      variables.put("PYTHONPATH", "");
      Path script = OwnFiles.folder(context.directory()).resolve("check.sh");
      OwnFiles.writeProgram(script, String.join("\n", lines) + "\n");
      Command.run(
          "the check of the packed environment " + packed.archive(),
          List.of("bash", script.toAbsolutePath().toString()),
          variables,
          folder,
          context.directory().resolve("check.log"));
      store.setChecked(packed, how);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
            throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException error)
            throws IOException {
          Files.delete(visited);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", folder, IoErrors.describe(e));
    }
  }
}
