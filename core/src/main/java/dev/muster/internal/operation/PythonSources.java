package dev.muster.internal.operation;

import dev.muster.internal.io.IoErrors;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What carries out tasks in Python, which travels in the jar. A process reads it from its standard input: nothing has
 * to be installed, or left behind, on
 * disk.
 */
final class PythonSources {
  private static final String PACKAGE = "muster_task";
  // Each before those that import it.
  private static final List<String> MODULES = List.of(
      "standard",
      "children",
      "surroundings",
      "errors",
      "encoding",
      "passing",
      "imports",
      "calls",
      "records",
      "modifiers",
      "protocol",
      "ownfiles",
      "context",
      "streams",
      "stage",
      "usage",
      "codefiles",
      "worker");
  private static final List<String> MORE = List.of(
      "strays",
      "failures",
      "launcher",
      "launching",
      "commands",
      "commandsize",
      "captured",
      "logtail",
      "memorykills",
      "programs",
      "slots",
      "container",
      "shell",
      "measuring",
      "gpu");

  /** What a process begins with. Until the modules are there it looks for others where the interpreter has its own. */
  static final String BOOT = """
      import sys
      if sys.version_info < (3, 8):
          sys.exit("Python 3.8 or newer is needed, this is " + sys.version.split()[0])
      import os
      path, top = sys.path[:], os.path.dirname(os.__file__)
      sys.path[:] = [entry for entry in path if entry.startswith(top) or entry.endswith(".zip")] or path[1:]
      def read(count):
          data = b""
          while len(data) < count:
              part = os.read(0, count - len(data))
              if not part:
                  sys.exit(0)
              data += part
          return data
      import json, linecache, types
      for name, source in json.loads(read(int.from_bytes(read(4), "big")).decode("utf-8")).items():
          package, _, own = name.rpartition(".")
          module = types.ModuleType(name)
          module.__package__ = package or name
          if not package:
              module.__path__ = []
          file = "<" + name + ">"
          linecache.cache[file] = (len(source), None, source.splitlines(True), file)
          sys.modules[name] = module
          exec(compile(source, file, "exec"), module.__dict__)
          if package:
              setattr(sys.modules[package], own, module)
      sys.path[:] = path
      sys.modules["muster_task.standard"].standard_first()
      sys.modules["muster_task.worker"].main()
      """;

  private static final byte[] FUNCTIONS = read(false);

  private PythonSources() {}

  /** Returns the modules as a process reads them: a length and JSON, source text by name. */
  static byte[] of(PythonProcess.Kind kind) {
    return kind.whole() ? Whole.ALL : FUNCTIONS;
  }

  /** Read when the first is needed. */
  private static final class Whole {
    static final byte[] ALL = read(true);
  }

  private static byte[] read(boolean whole) {
    Map<String, String> sources = new LinkedHashMap<>();
    sources.put(PACKAGE, source("__init__"));
    MODULES.forEach(name -> sources.put(PACKAGE + "." + name, source(name)));
    if (whole) {
      MORE.forEach(name -> sources.put(PACKAGE + "." + name, source(name)));
    }
    byte[] json = ValueEncoding.encode(sources, "the modules");
    return ByteBuffer.allocate(Integer.BYTES + json.length)
        .putInt(json.length)
        .put(json)
        .array();
  }

  private static String source(String module) {
    String name = PACKAGE + "/" + module + ".py";
    try (InputStream in = PythonSources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw IoErrors.unchecked(name + " cannot be read from the jar", e);
    }
  }
}
