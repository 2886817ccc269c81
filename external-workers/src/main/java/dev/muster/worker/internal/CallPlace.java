package dev.muster.worker.internal;

import dev.muster.error.MusterException;
import dev.muster.internal.process.SystemText;
import dev.muster.worker.WorkerCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call and where its files are. Immutable and thread-safe.
 *
 * @param base what its relative paths are taken from, absolute: the value of {@code TKR_DIR}
 * @param definition the file of the call, absolute
 * @param call the call
 * @param contract what its {@code error_path} is
 * @param prints the folder for what the worker prints
 */
record CallPlace(Path base, Path definition, WorkerCall call, Contract contract, Path prints) {
  /** What the {@code error_path} of a call is. */
  enum Contract {
    /** The flag itself: its presence says that the worker failed. Tierkreis up to 2.0.9. */
    FLAG,
    /** The log with the reason; the flag is the file {@code _error} beside {@code done_path}. Since 2.0.10. */
    LOG;

    /** Returns that of a call which somebody else wrote. */
    static Contract of(WorkerCall call) {
      return call.errorPath().equals(ERROR) || call.errorPath().endsWith("/" + ERROR) ? FLAG : LOG;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(CallPlace.class);
  private static final String ERROR = "_error";

  /** Returns where a path of the call is. */
  Path at(String path) {
    return SystemText.resolve(base, path);
  }

  /** Returns the file of the call as it is told to a worker: relative where it can be. */
  String argument() {
    return definition.startsWith(base)
        ? base.relativize(definition).toString()
        : definition.toString();
  }

  Path done() {
    return at(call.donePath());
  }

  /** Returns the flag of a failure. */
  Path error() {
    return contract == Contract.FLAG ? at(call.errorPath()) : done().resolveSibling(ERROR);
  }

  /** Returns what the worker prints to standard output. */
  Path stdout() {
    return prints.resolve("stdout");
  }

  /** Returns what the worker prints to standard error. */
  Path stderr() {
    return prints.resolve("stderr");
  }

  /** Returns the folder of the call's own files. */
  Path node() {
    Path node = done().getParent();
    if (node == null) {
      throw new MusterException("the done_path " + call.donePath() + " is no file", null);
    }
    return node;
  }

  /** Tells whether there is anything that an earlier run of the call has left. */
  boolean called() {
    return there(definition)
        || there(done())
        || there(error())
        || call.outputs().values().stream().anyMatch(path -> there(at(path)));
  }

  /** Tells whether a file is there; unlike {@link Files#exists} it makes no exception of one that is not. */
  static boolean there(Path file) {
    return file.toFile().exists();
  }

  /** Removes what an earlier run of the call has left: flags and outputs would be taken for those of the next one. */
  void clear() throws IOException {
    Files.deleteIfExists(done());
    Files.deleteIfExists(error());
    for (String output : call.outputs().values()) {
      Files.deleteIfExists(at(output));
    }
  }

  /** Writes a file that whoever reads it finds whole, or not at all. */
  static void write(Path file, byte[] bytes) throws IOException {
    Path next = file.resolveSibling("." + file.getFileName() + ".new");
    Files.write(next, bytes);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads the folders of a call, which makes network file systems look at what is there now. */
  void look() {
    for (Path folder : List.of(node(), at(call.outputDir()))) {
      log.trace("{} has {}", folder, (Object) folder.toFile().list());
    }
  }

  /** Returns the outputs that are not there, by port. */
  Map<String, Path> missing() {
    Map<String, Path> missing = new LinkedHashMap<>();
    call.outputs().forEach((port, path) -> {
      Path file = at(path);
      if (!there(file)) {
        missing.put(port, file);
      }
    });
    return missing;
  }
}
