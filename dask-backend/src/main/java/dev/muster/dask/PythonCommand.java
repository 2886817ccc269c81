package dev.muster.dask;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How Python starts a module of Muster's, wherever that lies.
 *
 * <p>{@code PYTHONPATH} has colons between its folders and no way to write one in a name. Muster's own modules then come by an argument; other folders whose name has one are not on
 * {@code PYTHONPATH}, and workers put them on their module path themselves.
 */
final class PythonCommand {
  private static final String BY_ARGUMENT = "import runpy, sys; sys.path[0] = sys.argv.pop(1);"
      + " runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)";

  private PythonCommand() {}

  /**
   * Returns the words that start a module.
   *
   * @param modules the folder that has it
   */
  static List<String> of(String python, Path modules, String module) {
    return expressible(modules)
        ? List.of(python, "-m", module)
        : List.of(python, "-c", BY_ARGUMENT, modules.toString(), module);
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
