package dev.muster.dask;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a backend knows of the workers of a plan, with a strategy that starts nothing. */
record FixedContext(Plan plan, Path directory) implements WorkerContext, JobContext {
  @Override
  public String runId() {
    return "test";
  }

  @Override
  public List<Pool> pools() {
    return List.copyOf(plan.execution().execution().pools().values());
  }

  @Override
  public Map<String, @Nullable Object> config() {
    return plan.execution().execution().config();
  }

  @Override
  public PreparedEnvironment environment() {
    return new PreparedEnvironment(List.of(), List.of(), null, Map.of());
  }

  @Override
  public WorkerCredentials credentials() {
    return new WorkerCredentials(
        Map.of("BEARER_TOKEN_FILE", "/run/debug/credentials/wlcg"),
        List.of("BEARER_TOKEN"),
        List.of());
  }

  @Override
  public BatchSystem processes() {
    throw new IllegalStateException("nothing is started");
  }

  @Override
  public Strategy strategy() {
    return new Strategy() {
      @Override
      public String name() {
        return "none";
      }

      @Override
      public Set<String> options() {
        return Set.of("walltime");
      }

      @Override
      public BatchSystem open(StrategyContext context) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
