package dev.muster.batch.spi;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A strategy for a batch system that is driven by its commands. A dialect is all that it needs.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public abstract class DialectStrategy implements Strategy {
  private final BatchDialect dialect;

  /** Creates the strategy; its name is the dialect's. */
  protected DialectStrategy(BatchDialect dialect) {
    this.dialect = dialect;
  }

  /** Returns the dialect. */
  public final BatchDialect dialect() {
    return dialect;
  }

  @Override
  public final String name() {
    return dialect.name();
  }

  @Override
  public final Set<String> options() {
    Set<String> options = new HashSet<>(dialect.options());
    options.addAll(JobOptions.COMMON);
    options.addAll(JobScript.OPTIONS);
    return Set.copyOf(options);
  }

  @Override
  public final BatchSystem open(StrategyContext context) {
    return context.system(dialect);
  }

  @Override
  public final boolean lasting() {
    return true;
  }

  @Override
  public final Submission preview(JobSpec spec, int copies, String tag, Path directory) {
    JobOptions.of(spec).checkCommon();
    if (spec.staging() == Staging.TRANSFER && !dialect.transfers()) {
      throw new WorkflowException(
          "execution.staging",
          dialect.name() + " cannot send files to jobs",
          "use staging: shared, with folders that workers see");
    }
    return dialect.submission(spec, copies, tag, directory);
  }

  @Override
  public final List<String> versionCommand() {
    return dialect.versionCommand();
  }
}
