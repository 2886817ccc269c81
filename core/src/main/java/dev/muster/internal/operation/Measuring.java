package dev.muster.internal.operation;

import dev.muster.internal.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out how much CPU time a command used, as the shell around it counts it. Its memory is left out: what the system says of a process that has
 * ended begins with the size of the process that started it, and looks from time to time miss what is short. Not thread-safe.
 */
final class Measuring {
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
    int code = tree.waitFor();
    if (Files.exists(times)) {
      Matcher time = TIME.matcher(Files.readString(times));
      while (time.find()) {
        usage.addCpuSeconds(Integer.parseInt(time.group(1)) * 60
            + Double.parseDouble(time.group(2) + "." + time.group(3)));
      }
      Files.delete(times);
    }
    return code;
  }
}
