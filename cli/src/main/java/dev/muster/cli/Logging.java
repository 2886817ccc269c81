package dev.muster.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.muster.error.Visible;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/**
 * Sets up the logs of the process: warnings and worse, each on a line of standard error. Found by Logback, in place of
 * a configuration file. Thread-safe.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final Consumer<String> STANDARD_ERROR = System.err::println;
  private static volatile Consumer<String> sink = STANDARD_ERROR;

  /** For Logback. */
  public Logging() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Lines lines = new Lines();
    lines.setContext(context);
    lines.setName("lines");
    lines.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(lines);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Sets how much is logged: 0 for warnings, 1 for what happens, 2 for details of Muster, 3 for everything. */
  static void verbosity(int level) {
    if (level == 0) {
      return; // as configured, and Logback need not be loaded for that
    }
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(level > 2 ? Level.DEBUG : Level.INFO);
      context.getLogger("dev.muster").setLevel(level > 1 ? Level.DEBUG : Level.INFO);
    }
  }

  /** Sends the lines elsewhere until what is returned is run. */
  static synchronized Runnable to(Consumer<String> lines) {
    Consumer<String> before = sink;
    sink = lines;
    return () -> sink = before;
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      StringBuilder line = new StringBuilder();
      line.append(event.getLevel()).append(' ');
      String logger = event.getLoggerName();
      line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
      line.append(Visible.text(event.getFormattedMessage()).replace("\n", "\n    "));
      IThrowableProxy thrown = event.getThrowableProxy();
      if (thrown != null) {
        line.append('\n')
            .append(Visible.text(ThrowableProxyUtil.asString(thrown).stripTrailing()));
      }
      sink.accept(line.toString());
    }
  }
}
