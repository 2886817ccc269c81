package dev.muster.dask;

import dev.muster.internal.process.ChildProcess;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How Python starts a module of Muster's, wherever that lies.
 *
 * <p>Muster's own modules come by an argument, and the folder in which it starts is not on the module path: a file
 * there may have the name of one of Python's own modules. {@code PYTHONPATH} has colons between its folders and no way
 * to write one in a name; folders whose name has one are not on {@code PYTHONPATH}, and workers put them on their
 * module path themselves.
 */
final class PythonCommand {
  // With -m the current folder would come first on the module path, before Python's own modules.
  private static final String START =
      "import sys; sys.path[0] = sys.argv.pop(1); import muster_start";

  private PythonCommand() {}

  /**
   * Returns the words that start a module.
   *
   * @param modules the folder that has it
   */
  static List<String> of(String python, Path modules, String module) {
    return List.of(python, "-c", START, modules.toString(), module);
  }

  /** Returns what starts a module on this host, with the module path and the environment that it needs. */
  static ProcessBuilder builder(String python, Path modules, String module) {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(of(python, modules, module)));
    Map<String, String> environment = builder.environment();
    environment.putIfAbsent("PYTHONUTF8", "1"); // whatever the locale
    environment.put("PYTHONPATH", path(List.of(modules), environment.get("PYTHONPATH")));
    ChildProcess.withoutToken(builder);
    return builder;
  }

  /** Returns those folders that can be on {@code PYTHONPATH}, before what is there already. */
  static String path(List<Path> folders, @Nullable String before) {
    List<String> all = new ArrayList<>();
    folders.stream()
        .filter(PythonCommand::expressible)
        .forEach(folder -> all.add(folder.toString()));
    if (before != null && !before.isEmpty()) {
      all.add(before);
    }
    return String.join(File.pathSeparator, all);
  }

  private static boolean expressible(Path folder) {
    return !folder.toString().contains(File.pathSeparator);
  }
}
