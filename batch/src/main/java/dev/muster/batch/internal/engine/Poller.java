package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.error.Visible;
import dev.muster.internal.process.LogTail;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for the states of all jobs that have not ended, once. Not thread-safe. */
final class Poller {
  private static final Logger log = LoggerFactory.getLogger(Poller.class);
  private static final long EXPLAIN_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int MOST_MARKED = 4;

  private final BatchDialect dialect;
  private final Settings settings;
  private final Duration limit;
  private final JobTable table;
  private final ExitFiles exits;
  private final LogFiles logs;
  private final LogTails tails;
  private final Set<String> logged = new HashSet<>();
  private final Map<Batch, Long> explained = new HashMap<>();
  private final Map<Batch, Map<JobStatus, Long>> explainedMarks = new HashMap<>();

  Poller(BatchDialect dialect, Settings settings, Duration limit, JobTable table, ExitFiles exits) {
    this.dialect = dialect;
    this.settings = settings;
    this.limit = limit;
    this.table = table;
    this.exits = exits;
    this.logs = new LogFiles(dialect::statuses);
    this.tails = new LogTails(dialect, settings, limit, table);
  }

  /**
   * What a round of questions brought.
   *
   * @param unavailable why nothing could be found out, or null if something was
   * @param over the submissions whose last job has ended
   */
  record Outcome(@Nullable String unavailable, List<Batch> over) {}

  /** One round of questions. */
  private final class Round {
    final Map<JobId, JobStatus> told = new HashMap<>();
    final Set<JobId> untold = new HashSet<>();
    final List<String> troubles = new ArrayList<>();
    int answers;

    void take(StatusReport report, Set<JobId> asked) {
      if (report instanceof StatusReport.Answered answered) {
        // To know nothing of jobs is no answer after one that should know them could not be asked.
        if (troubles.isEmpty() || !answered.statuses().isEmpty()) {
          answers++;
        }
        answered.statuses().forEach((id, status) -> {
          if (asked.contains(id)) {
            told.putIfAbsent(id, status);
          }
        });
      } else if (report instanceof StatusReport.Unavailable unavailable) {
        troubles.add(unavailable.reason());
        untold.addAll(asked);
      }
    }

    void askLogFiles(List<StatusSource> sources, List<JobArray> arrays) {
      Set<Path> used = new HashSet<>();
      Set<JobId> all = ids(arrays);
      for (StatusSource source : sources) {
        if (source instanceof StatusSource.LogFile file) {
          used.add(file.path());
          take(logs.read(file.path(), all), all);
        }
      }
      logs.keep(used);
    }

    /**
     * Asks with the command of that place, made for the jobs of which nothing is known yet; returns whether there was
     * one.
     */
    boolean askCommand(int place) throws InterruptedException {
      List<JobArray> left = table.openArrays(told.keySet());
      StatusSource.Command source = command(left, place);
      if (source != null && !source.late().isZero()) {
        // What has left its exit code needs no long search.
        Set<JobId> known = new HashSet<>(exits.read(table.places(ids(left))).keySet());
        known.addAll(told.keySet());
        left = table.openArrays(known);
        source = command(left, place);
      }
      if (source == null) {
        return false;
      }
      Set<JobId> asked = ids(left);
      StatusReport report;
      try {
        CommandResult answer = settings.commands().run(source.command(), null, limit);
        report = dialect.statuses(answer, asked);
      } catch (CommandFailed e) {
        report = new StatusReport.Unavailable(String.valueOf(e.getMessage()));
      }
      take(report, asked);
      return true;
    }
  }

  private static List<StatusSource.Command> commands(List<StatusSource> sources) {
    return sources.stream()
        .filter(StatusSource.Command.class::isInstance)
        .map(StatusSource.Command.class::cast)
        .toList();
  }

  /** Returns the command of that place, made for jobs, or null if there is none or there are no jobs. */
  private StatusSource.@Nullable Command command(List<JobArray> arrays, int place) {
    if (arrays.isEmpty()) {
      return null;
    }
    List<StatusSource.Command> all = commands(dialect.statusSources(arrays));
    return place < all.size() ? all.get(place) : null;
  }

  /** Asks. */
  Outcome poll() throws InterruptedException {
    List<JobArray> arrays = table.openArrays(Set.of());
    if (arrays.isEmpty()) {
      return new Outcome(null, List.of());
    }
    Set<JobId> asked = ids(arrays);
    List<StatusSource> sources = dialect.statusSources(arrays);
    Round round = new Round();
    round.askLogFiles(sources, arrays);
    int place = 0;
    while (round.askCommand(place)) {
      place++;
    }
    tails.fetch(round.told);
    Duration late = commands(sources).stream()
        .map(StatusSource.Command::late)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
    List<Batch> over = take(round, asked, late);
    boolean nothing = round.answers == 0 && !round.troubles.isEmpty();
    if (!nothing && !round.troubles.isEmpty()) {
      log.debug("some could not be asked: {}", round.troubles);
    }
    return new Outcome(nothing ? String.join("; ", round.troubles) : null, over);
  }

  // Jobs that came after the first question are not among those asked, and stay as they are.
  private List<Batch> take(Round round, Set<JobId> asked, Duration late) {
    Set<JobId> unknown = new LinkedHashSet<>(round.answers == 0 ? Set.of() : asked);
    unknown.removeAll(round.told.keySet());
    Set<JobId> coded = new LinkedHashSet<>(unknown);
    round.told.replaceAll(this::looked);
    round.told.forEach((id, status) -> {
      if (status instanceof JobStatus.Ended ended && ended.exitCode() == null) {
        coded.add(id);
      } else if (status instanceof JobStatus.Unknown word && logged.add(word.said())) {
        log.warn(
            "{} says of job {} what Muster does not know: {}",
            dialect.name(),
            id,
            Visible.line(word.said()));
      }
    });
    Map<JobId, Integer> codes = exits.read(table.places(coded));
    codes.forEach((id, code) -> {
      if (code != 0 && unknown.contains(id)) {
        JobStatus failed = looked(id, new JobStatus.Ended(JobStatus.End.FAILED, code, null));
        if (failed instanceof JobStatus.Ended ended && ended.end() != JobStatus.End.FAILED) {
          round.told.put(id, failed);
        }
      }
    });
    unknown.removeAll(round.told.keySet());
    List<Batch> over = new ArrayList<>(table.told(round.told, codes));
    // Where a source could not be asked, only an exit code tells that a job has ended.
    unknown.removeIf(id -> round.untold.contains(id) && !codes.containsKey(id));
    over.addAll(table.missing(unknown, codes, settings.time().nanos(), late));
    return over;
  }

  /** Returns what a source told of a job; of one that failed, with what its error log says. */
  private JobStatus looked(JobId id, JobStatus status) {
    if (status instanceof JobStatus.Ended ended && ended.end() == JobStatus.End.FAILED) {
      JobSpec spec = table.spec(id);
      if (spec != null) {
        return dialect.ended(ended, LogTail.of(spec.errFile(id.id())));
      }
    }
    return status;
  }

  /** Asks what marked states mean, and for one submission whose jobs wait in silence why they wait. */
  void explain() throws InterruptedException {
    long now = settings.time().nanos();
    explainMarked(now);
    Map<Batch, JobId> silent = table.silent();
    explained.keySet().retainAll(silent.keySet());
    for (Map.Entry<Batch, JobId> entry : silent.entrySet()) {
      Long last = explained.get(entry.getKey());
      if (last != null && now - last < EXPLAIN_AGAIN_NANOS) {
        continue;
      }
      List<String> command = dialect.explainCommand(entry.getValue());
      if (command == null) {
        return;
      }
      explained.put(entry.getKey(), now);
      try {
        table.explain(entry.getKey(), asked(command));
      } catch (CommandFailed e) {
        log.debug("nobody says why job {} waits: {}", entry.getValue(), e.getMessage());
      }
      return;
    }
  }

  private void explainMarked(long now) throws InterruptedException {
    Map<Batch, Map<JobStatus, JobId>> marked = table.marked(dialect::explainsAtOnce);
    explainedMarks.keySet().retainAll(marked.keySet());
    int commands = 0;
    for (Map.Entry<Batch, Map<JobStatus, JobId>> entry : marked.entrySet()) {
      Map<JobStatus, Long> before =
          explainedMarks.computeIfAbsent(entry.getKey(), batch -> new HashMap<>());
      before.keySet().retainAll(entry.getValue().keySet());
      for (Map.Entry<JobStatus, JobId> job : entry.getValue().entrySet()) {
        Long last = before.get(job.getKey());
        List<String> command = dialect.explainCommand(job.getValue());
        if (command == null || (last != null && now - last < EXPLAIN_AGAIN_NANOS)) {
          continue;
        }
        if (++commands > MOST_MARKED) {
          return; // the others in the next round
        }
        before.put(job.getKey(), now);
        try {
          table.explain(entry.getKey(), job.getKey(), asked(command));
        } catch (CommandFailed e) {
          log.debug("nobody says what is with job {}: {}", job.getValue(), e.getMessage());
        }
      }
    }
  }

  /** Returns what the command explains, or null if it says nothing. */
  private @Nullable JobStatus asked(List<String> command)
      throws CommandFailed, InterruptedException {
    JobStatus why = dialect.explained(settings.commands().run(command, null, limit));
    boolean tells = why instanceof JobStatus.Impossible
        || why instanceof JobStatus.Held
        || (why instanceof JobStatus.Pending pending && pending.reason() != null);
    return tells ? why : null;
  }

  private static Set<JobId> ids(List<JobArray> arrays) {
    Set<JobId> ids = new HashSet<>();
    arrays.forEach(array -> ids.addAll(array.jobs()));
    return ids;
  }
}
