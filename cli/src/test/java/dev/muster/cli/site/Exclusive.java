package dev.muster.cli.site;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.AnnotatedElement;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a class of tests, or one test, has for itself: it looks at all jobs of a batch system, for example. Classes run
 * in several JVMs at a time, so files are locked, in the order of their names.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Exclusive.Lock.class)
@interface Exclusive {
  /** All jobs of Slurm. */
  String SLURM = "slurm";

  /** All jobs of the Slurm whose nodes do not see the folders of this machine. */
  String SLURM_APART = "slurm-apart";

  /** All jobs of HTCondor. */
  String CONDOR = "condor";

  /** All jobs of the HTCondor whose machines do not see the folders of this machine. */
  String CONDOR_APART = "condor-apart";

  /** All jobs of Grid Engine. */
  String GRID_ENGINE = "gridengine";

  /** Returns what it is. */
  String[] value();

  /** Locks what is exclusive before the first test of a class, or before a test, and lets go of it afterwards. */
  final class Lock
      implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final Map<String, FileChannel> HELD = new ConcurrentHashMap<>();

    /** Fails for a class that uses a site of scripts/sites and does not have it for itself. */
    static void require(String script) {
      String name = script.replace("-up.sh", "").replace(" --", "-");
      if (!HELD.containsKey(name)) {
        throw new AssertionError("what uses " + name + " has to be @Exclusive(" + name + ")");
      }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
      lock(names(context.getRequiredTestClass()));
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
      lock(names(context.getRequiredTestMethod()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
      free(names(context.getRequiredTestMethod()));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
      free(names(context.getRequiredTestClass()));
    }

    private static List<String> names(AnnotatedElement element) {
      Exclusive exclusive = element.getAnnotation(Exclusive.class);
      return exclusive == null
          ? List.of()
          : Stream.of(exclusive.value()).sorted().toList();
    }

    private static void lock(List<String> names) throws IOException {
      for (String name : names) {
        FileChannel file = FileChannel.open(
            Path.of("target", name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        file.lock();
        HELD.put(name, file);
      }
    }

    private static void free(List<String> names) throws IOException {
      for (String name : names) {
        FileChannel file = HELD.remove(name);
        if (file != null) {
          file.close();
        }
      }
    }
  }
}
