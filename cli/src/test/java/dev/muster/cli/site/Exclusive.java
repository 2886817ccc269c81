package dev.muster.cli.site;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What the tests of a class have for themselves: they look at all jobs of a batch system, for example. Classes run in
 * several JVMs at a time, so files are locked, in the order of their names.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Exclusive.Lock.class)
@interface Exclusive {
  /** All jobs of Slurm. */
  String SLURM = "slurm";

  /** All jobs of HTCondor. */
  String CONDOR = "condor";

  /** All jobs of Grid Engine. */
  String GRID_ENGINE = "gridengine";

  /** Returns what it is. */
  String[] value();

  /** Locks what is exclusive before the first test, and lets go of it after the last. */
  final class Lock implements BeforeAllCallback, AfterAllCallback {
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    private final Deque<FileChannel> held = new ArrayDeque<>();

    /** Fails for a class that uses a site of scripts/sites and does not have it for itself. */
    static void require(String script) {
      String name = script.substring(0, script.indexOf("-up.sh"));
      if (!NAMES.contains(name)) {
        throw new AssertionError(
            "a class that uses " + name + " has to be @Exclusive(" + name + ")");
      }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
      Exclusive exclusive =
          Objects.requireNonNull(context.getRequiredTestClass().getAnnotation(Exclusive.class));
      for (String name : Stream.of(exclusive.value()).sorted().toList()) {
        FileChannel file = FileChannel.open(
            Path.of("target", name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        held.push(file);
        file.lock();
        NAMES.add(name);
      }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
      NAMES.clear();
      while (!held.isEmpty()) {
        held.pop().close();
      }
    }
  }
}
