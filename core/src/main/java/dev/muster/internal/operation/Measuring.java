package dev.muster.internal.operation;

import dev.muster.internal.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out what a command used: CPU time exactly, as the shell around it counts it; the largest resident memory of any one of its processes by
 * looking every 50 ms, on Linux. Not thread-safe.
 */
final class Measuring {
  private static final long PERIOD_MILLIS = 50;
  private static final String WRAPPER = "\"$@\"; code=$?; times > \"$0\"; exit $code";
  private static final Pattern TIME = Pattern.compile("(\\d+)m(\\d+)[.,](\\d+)s");

  private final Usage usage;
  private final Path times;

  Measuring(Usage usage, Path directory) {
    this.usage = usage;
    this.times = directory.resolve(".times");
  }

  /** Returns the command inside a shell that counts its CPU time. */
  List<String> wrap(List<String> argv) {
    List<String> wrapped = new ArrayList<>();
    wrapped.add("/bin/sh");
    wrapped.add("-c");
    wrapped.add(WRAPPER);
    wrapped.add(times.toString());
    wrapped.addAll(argv);
    return wrapped;
  }

  /** Waits for the end of the wrapped command and notes what it used. */
  int waitFor(ProcessTree tree) throws IOException, InterruptedException {
    do {
      usage.addPeakBytes(tree.peakBytes());
    } while (!tree.process().waitFor(PERIOD_MILLIS, TimeUnit.MILLISECONDS));
    if (Files.exists(times)) {
      Matcher time = TIME.matcher(Files.readString(times));
      while (time.find()) {
        usage.addCpuSeconds(Integer.parseInt(time.group(1)) * 60
            + Double.parseDouble(time.group(2) + "." + time.group(3)));
      }
      Files.delete(times);
    }
    return tree.process().exitValue();
  }
}
