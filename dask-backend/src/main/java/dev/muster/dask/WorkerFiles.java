package dev.muster.dask;

import dev.muster.spi.CodeFiles;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that the code of each worker came from. Those of several processes of one job count together, as their
 * reports come under one name: each of them has told of its own before it reports a task. Not thread-safe.
 */
final class WorkerFiles {
  private final Map<String, CodeFiles> byWorker = new HashMap<>();
  private final Map<CodeFiles, CodeFiles> same = new HashMap<>(); // most workers have the same

  /** Learns of more files of a worker. */
  void add(String worker, @Nullable Object message) {
    CodeFiles all = of(worker).and(message);
    CodeFiles known = same.putIfAbsent(all, all);
    byWorker.put(worker, known == null ? all : known);
  }

  /** Returns those of a worker, the same object as for others that have the same. */
  CodeFiles of(String worker) {
    return byWorker.getOrDefault(worker, CodeFiles.NONE);
  }
}
