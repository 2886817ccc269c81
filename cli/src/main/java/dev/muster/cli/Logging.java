package dev.muster.cli;

import dev.muster.error.Visible;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The logs of the process: warnings and worse, each on a line of standard error. Found by slf4j as its provider: a
 * framework for logs that does more takes longer to start than everything else that a short command does. Thread-safe.
 */
public final class Logging implements SLF4JServiceProvider, ILoggerFactory {
  private static final String API = "2.0.99"; // what it is made for: any 2.0
  private static final String OWN = "dev.muster";
  private static final Consumer<String> STANDARD_ERROR = System.err::println;
  private static final Object WRITING = new Object();

  private static volatile Consumer<String> sink = STANDARD_ERROR;
  private static volatile int least = Level.WARN.toInt();
  private static volatile int leastOfOwn = Level.WARN.toInt();

  private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new BasicMDCAdapter();

  /** For slf4j. */
  public Logging() {}

  /** Makes this the one that slf4j takes, whatever else is on the class path. */
  static void install() {
    if (System.getProperty("slf4j.provider") == null) {
      System.setProperty("slf4j.provider", Logging.class.getName());
      System.setProperty("slf4j.internal.verbosity", "WARN"); // else it says what it takes
    }
  }

  @Override
  public void initialize() {}

  @Override
  public String getRequestedApiVersion() {
    return API;
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return this;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public Logger getLogger(String name) {
    Logger known = loggers.get(name);
    return known != null ? known : loggers.computeIfAbsent(name, Lines::new);
  }

  /** Sets how much is logged: 0 for warnings, 1 for what happens, 2 for details of Muster, 3 for everything. */
  static void verbosity(int level) {
    least = of(level > 2, level > 0);
    leastOfOwn = of(level > 1, level > 0);
  }

  private static int of(boolean details, boolean news) {
    return (details ? Level.DEBUG : news ? Level.INFO : Level.WARN).toInt();
  }

  /** Sends the lines elsewhere until what is returned is run. */
  static synchronized Runnable to(Consumer<String> lines) {
    Consumer<String> before = sink;
    sink = lines;
    return () -> sink = before;
  }

  /** A logger. */
  private static final class Lines extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    private final boolean own;

    Lines(String name) {
      this.name = name;
      this.own = name.startsWith(OWN)
          && (name.length() == OWN.length() || name.charAt(OWN.length()) == '.');
    }

    private boolean isEnabled(Level level) {
      return level.toInt() >= (own ? leastOfOwn : least);
    }

    @Override
    public boolean isTraceEnabled() {
      return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return isEnabled(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String pattern,
        @Nullable Object[] arguments,
        @Nullable Throwable thrown) {
      StringBuilder line = new StringBuilder();
      line.append(level).append(' ');
      line.append(name, name.lastIndexOf('.') + 1, name.length()).append(": ");
      String message = MessageFormatter.basicArrayFormat(pattern, arguments);
      line.append(Visible.text(String.valueOf(message)).replace("\n", "\n    "));
      if (thrown != null) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        line.append('\n').append(Visible.text(trace.toString().stripTrailing()));
      }
      synchronized (WRITING) {
        sink.accept(line.toString());
      }
    }
  }
}
