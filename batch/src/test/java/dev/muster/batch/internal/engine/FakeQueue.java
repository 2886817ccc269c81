package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A batch system in this JVM, and its dialect. Commands: {@code qsub TAG COPIES SCRIPT}, {@code qstat ID..},
 * {@code qacct ID..}, {@code qdel ID..}, {@code qdel -t TAG}, {@code qwhy ID}, {@code qsend ID FILE},
 * {@code qlog ID..}. A test may say what becomes of the next calls of a command.
 */
final class FakeQueue implements Commands, BatchDialect {
  /** An answer that names jobs in a way that nobody understands. */
  static final String AMBIGUOUS = "1 or 2";

  /** What becomes of a command. */
  interface Trouble {
    CommandResult answer(List<String> command, Commands real)
        throws CommandFailed, InterruptedException;
  }

  final List<List<String>> calls = new ArrayList<>();
  final Map<String, Deque<Trouble>> troubles = new LinkedHashMap<>();
  final Map<String, String> queue = new LinkedHashMap<>();
  final Map<String, String> accounting = new LinkedHashMap<>();
  final Map<String, String> tags = new LinkedHashMap<>();

  @Nullable
  Path log;

  @Nullable
  JobStatus marked;

  boolean accounts = true;
  Duration late = Duration.ZERO;
  boolean transfers = true;
  String why = "no machine is large enough";
  private int last;

  synchronized void trouble(String program, Trouble... next) {
    troubles.computeIfAbsent(program, each -> new ArrayDeque<>()).addAll(List.of(next));
  }

  static Trouble exit(int code, String err) {
    return (command, real) -> new CommandResult(command, code, "", err);
  }

  static Trouble say(String out) {
    return (command, real) -> new CommandResult(command, 0, out, "");
  }

  static Trouble hang() {
    return (command, real) -> {
      throw new CommandFailed(String.join(" ", command) + ": no answer", true);
    };
  }

  /** It does its work, and nobody hears the answer. */
  static Trouble hangAfterwards() {
    return (command, real) -> {
      CommandResult unused = real.run(command, null, Duration.ZERO);
      throw new CommandFailed(String.join(" ", command) + ": no answer", true);
    };
  }

  static Trouble absent() {
    return (command, real) -> {
      throw new CommandFailed(command.get(0) + " was not found", false);
    };
  }

  synchronized List<List<String>> calls(String program) {
    return calls.stream().filter(call -> call.get(0).equals(program)).toList();
  }

  synchronized void set(JobId job, String state) {
    queue.put(job.id(), state);
  }

  synchronized void finish(JobId job, String state) {
    queue.remove(job.id());
    accounting.put(job.id(), state);
  }

  synchronized void forget(JobId job) {
    queue.remove(job.id());
  }

  @Override
  public CommandResult run(List<String> command, @Nullable String input, Duration limit)
      throws CommandFailed, InterruptedException {
    Trouble trouble;
    synchronized (this) {
      calls.add(command);
      Deque<Trouble> next = troubles.get(command.get(0));
      trouble = next == null ? null : next.poll();
    }
    if (trouble != null) {
      return trouble.answer(command, (again, in, most) -> work(again));
    }
    return work(command);
  }

  private synchronized CommandResult work(List<String> command) {
    List<String> args = command.subList(1, command.size());
    return switch (command.get(0)) {
      case "qsub" -> {
        StringBuilder ids = new StringBuilder();
        last++;
        for (int i = 0; i < Integer.parseInt(args.get(1)); i++) {
          String id = last + "." + i;
          queue.put(id, "Q");
          tags.put(id, args.get(0));
          ids.append(id).append('\n');
        }
        yield new CommandResult(command, 0, ids.toString(), "");
      }
      case "qstat" -> lines(command, args, queue);
      case "qacct" -> lines(command, args, accounting);
      case "qdel" -> {
        Set<String> ids = args.get(0).equals("-t")
            ? tags.keySet().stream()
                .filter(id -> args.get(1).equals(tags.get(id)))
                .collect(Collectors.toSet())
            : Set.copyOf(args);
        for (String id : ids) {
          if (queue.remove(id) != null) {
            accounting.put(id, "X");
          }
        }
        yield new CommandResult(command, 0, "", "");
      }
      case "qsend" -> new CommandResult(command, 0, "", "");
      case "qlog" -> new CommandResult(command, 0, "Traceback\nof " + args, "");
      case "qwhy" -> new CommandResult(command, 0, why, "");
      default -> new CommandResult(command, 2, "", "what?");
    };
  }

  private static CommandResult lines(
      List<String> command, List<String> ids, Map<String, String> states) {
    String text = ids.stream()
        .filter(states::containsKey)
        .map(id -> id + " " + states.get(id) + "\n")
        .collect(Collectors.joining());
    return new CommandResult(command, 0, text, "");
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Set<String> options() {
    return Set.of("queue");
  }

  @Override
  public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
    Path script = directory.resolve(tag + ".sh");
    return new Submission(
        List.of("qsub", tag, Integer.toString(copies), script.toString()),
        Map.of(
            script,
            JobScript.of(spec, tag, directory).arrival(List.of("cd /tmp")).text()),
        null);
  }

  @Override
  public boolean transfers() {
    return transfers;
  }

  @Override
  public List<List<String>> sendCommands(JobSpec spec, JobId job, String tag) {
    return spec.files().stream()
        .map(file -> List.of("qsend", job.id(), file.toString()))
        .toList();
  }

  @Override
  public List<String> logTailsCommand(Set<JobId> jobs) {
    return with("qlog", jobs.stream().map(JobId::id).sorted().toList());
  }

  @Override
  public Map<JobId, String> logTails(CommandResult answer) {
    return answer.command().stream()
        .skip(1)
        .collect(Collectors.toMap(JobId::new, id -> answer.out()));
  }

  @Override
  public SubmitOutcome submitted(CommandResult answer, int copies) {
    if (answer.exitCode() == 1) {
      return new SubmitOutcome.Rejected(answer.words());
    }
    if (answer.exitCode() == 28) {
      return new SubmitOutcome.Full(answer.words());
    }
    if (!answer.ok()) {
      return new SubmitOutcome.Unclear(answer.words());
    }
    if (answer.out().equals(AMBIGUOUS)) {
      return new SubmitOutcome.Unclear(AMBIGUOUS, false);
    }
    List<JobId> ids = answer.out().lines().map(JobId::new).toList();
    return ids.isEmpty() ? new SubmitOutcome.Unclear("no ids") : new SubmitOutcome.Accepted(ids);
  }

  @Override
  public List<StatusSource> statusSources(List<JobArray> arrays) {
    List<String> ids = new ArrayList<>();
    arrays.forEach(array -> array.jobs().forEach(job -> ids.add(job.id())));
    List<StatusSource> sources = new ArrayList<>();
    if (log != null) {
      sources.add(new StatusSource.LogFile(Objects.requireNonNull(log)));
    }
    sources.add(new StatusSource.Command(with("qstat", ids)));
    if (accounts) {
      sources.add(new StatusSource.Command(with("qacct", ids), late));
    }
    return sources;
  }

  private static List<String> with(String program, List<String> args) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(args);
    return command;
  }

  @Override
  public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
    if (answer.command().get(0).equals("cat") && !answer.ok()) {
      return new StatusReport.Answered(Map.of());
    }
    if (!answer.ok()) {
      return new StatusReport.Unavailable(answer.describe());
    }
    Map<JobId, JobStatus> statuses = new LinkedHashMap<>();
    for (String line : answer.out().lines().toList()) {
      String[] words = line.split(" ", 2);
      if (words.length < 2) {
        return new StatusReport.Unavailable("garbled: " + line);
      }
      statuses.put(new JobId(words[0]), status(words[1]));
    }
    return new StatusReport.Answered(statuses);
  }

  private static JobStatus status(String word) {
    return switch (word) {
      case "Q" -> new JobStatus.Pending(null);
      case "R" -> new JobStatus.Running("node1");
      case "E" -> new JobStatus.Ending("node1");
      case "H" -> new JobStatus.Held("held by hand");
      case "0" -> new JobStatus.Ended(End.SUCCEEDED, 0, null);
      case "ok" -> new JobStatus.Ended(End.SUCCEEDED, null, null);
      case "3" -> new JobStatus.Ended(End.FAILED, 3, null);
      case "gone" -> new JobStatus.Ended(End.LOST, null, "gone");
      case "X" -> new JobStatus.Ended(End.CANCELLED, null, null);
      default ->
        word.startsWith("Q ")
            ? new JobStatus.Pending(word.substring(2))
            : new JobStatus.Unknown(word);
    };
  }

  @Override
  public List<String> cancelCommand(Set<JobId> jobs) {
    return with("qdel", jobs.stream().map(JobId::id).sorted().toList());
  }

  @Override
  public List<String> cancelCommand(String tag) {
    return List.of("qdel", "-t", tag);
  }

  @Override
  public List<String> versionCommand() {
    return List.of("qstat", "--version");
  }

  @Override
  public boolean explainsAtOnce(JobStatus status) {
    return status.equals(marked);
  }

  @Override
  public List<String> explainCommand(JobId job) {
    return List.of("qwhy", job.id());
  }

  @Override
  public JobStatus explained(CommandResult answer) {
    return answer.out().isBlank()
        ? new JobStatus.Pending(null)
        : new JobStatus.Impossible(answer.out());
  }
}
