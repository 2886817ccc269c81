package dev.muster.benchmarks;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One poll of a batch system: read the answer, parse it, update the table of jobs. From a log file it is the work of
 * this JVM alone; from a command, {@code cat} of the same text, it is also the time that the process takes. Allocation:
 * {@code -prof gc}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PollingBenchmark {
  /** Jobs in flight. */
  @Param({"500", "10000"})
  public int jobs;

  /** Where the states come from. */
  @Param({"file", "command"})
  public String source;

  private Path directory;
  private Path states;
  private BatchSystem system;
  private Set<JobId> all;
  private long times;

  @Setup
  public void submit() throws IOException {
    directory = Files.createTempDirectory("muster-polling");
    states = directory.resolve("states");
    Files.writeString(
        states,
        IntStream.range(0, jobs)
            .mapToObj(i -> "4711_" + i + "|RUNNING|0:0|node" + i % 100 + "|None\n")
            .collect(Collectors.joining()));
    system = Jobs.open(
        new Strategy(new Dialect(states, source)), directory, Map.of("poll_interval", "0"));
    all = new HashSet<>(
        system.submit(JobSpec.builder("job", List.of("true"), directory).build(), jobs));
  }

  @TearDown
  public void close() throws IOException {
    system.close();
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  public StatusReport poll() throws IOException {
    if (source.equals("file")) { // or it would not be read again
      Files.setLastModifiedTime(states, FileTime.fromMillis(++times));
    }
    return system.status(all);
  }

  private static final class Strategy extends DialectStrategy {
    Strategy(BatchDialect dialect) {
      super(dialect);
    }
  }

  private record Dialect(Path states, String source) implements BatchDialect {
    @Override
    public String name() {
      return "polling";
    }

    @Override
    public Set<String> options() {
      return Set.of();
    }

    @Override
    public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
      return new Submission(List.of("true"), Map.of(), null);
    }

    @Override
    public SubmitOutcome submitted(CommandResult answer, int copies) {
      return new SubmitOutcome.Accepted(
          IntStream.range(0, copies).mapToObj(i -> new JobId("4711_" + i)).toList());
    }

    @Override
    public List<StatusSource> statusSources(List<JobArray> arrays) {
      return source.equals("file")
          ? List.of(new StatusSource.LogFile(states))
          : List.of(new StatusSource.Command(List.of("cat", states.toString())));
    }

    @Override
    public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
      Map<JobId, JobStatus> statuses = new HashMap<>(asked.size() * 2);
      answer.out().lines().forEach(line -> {
        String[] fields = line.split("\\|", -1);
        statuses.put(
            new JobId(fields[0]),
            fields[1].equals("RUNNING")
                ? new JobStatus.Running(fields[3])
                : new JobStatus.Pending(fields[4]));
      });
      return new StatusReport.Answered(statuses);
    }

    @Override
    public List<String> cancelCommand(Set<JobId> jobs) {
      return List.of("true");
    }

    @Override
    public List<String> cancelCommand(String tag) {
      return List.of("true");
    }

    @Override
    public List<String> versionCommand() {
      return List.of("true");
    }
  }
}
