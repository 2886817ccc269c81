package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmitOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A batch system of shell commands, whose jobs outlive who submits them. In its folder: {@code submitted}, a line for
 * each submission; a file with the process of each job; {@code away}, as long as it answers no question.
 */
final class ScriptedQueue extends DialectStrategy {
  ScriptedQueue(Path folder) {
    super(new Dialect(folder));
  }

  private record Dialect(Path folder) implements BatchDialect {
    private List<String> sh(String text, String... arguments) {
      List<String> command =
          new ArrayList<>(List.of("bash", "-c", "cd \"$1\" || exit 1; " + text, "queue"));
      command.add(folder.toString());
      command.addAll(List.of(arguments));
      return command;
    }

    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public Set<String> options() {
      return Set.of();
    }

    @Override
    public Submission submission(JobSpec spec, int copies, String tag, Path directory) {
      Path script = directory.resolve(tag + ".sh");
      String text = JobScript.of(spec, tag, directory).index("$NUMBER").text();
      return new Submission(
          sh(
              "echo \"$2\" >> submitted; for ((i = 0; i < $3; i++)); do"
                  + " NUMBER=$i setsid bash \"$4\" > /dev/null 2>&1 & echo $! > \"$2.$i.pid\";"
                  + " done; echo \"$2\"",
              tag,
              Integer.toString(copies),
              script.toString()),
          Map.of(script, text),
          null);
    }

    private static List<JobId> ids(String tag, int copies) {
      return IntStream.range(0, copies).mapToObj(i -> new JobId(tag + "." + i)).toList();
    }

    @Override
    public SubmitOutcome submitted(CommandResult answer, int copies) {
      return answer.ok()
          ? new SubmitOutcome.Accepted(ids(answer.out().strip(), copies))
          : new SubmitOutcome.Rejected(answer.describe());
    }

    @Override
    public List<StatusSource> statusSources(List<JobArray> arrays) {
      return List.of(new StatusSource.Command(sh("[ ! -e away ] || { echo away >&2; exit 1; };"
          + " for f in *.pid; do kill -0 $(cat \"$f\") && echo \"${f%.pid}\"; done; true")));
    }

    @Override
    public StatusReport statuses(CommandResult answer, Set<JobId> asked) {
      if (!answer.ok()) {
        return new StatusReport.Unavailable(answer.describe());
      }
      Map<JobId, JobStatus> found = new HashMap<>();
      answer
          .out()
          .lines()
          .map(JobId::new)
          .filter(asked::contains)
          .forEach(id -> found.put(id, new JobStatus.Running("here")));
      return new StatusReport.Answered(found);
    }

    @Override
    public List<String> findCommand(String tag) {
      return sh("[ ! -e away ] || { echo away >&2; exit 1; }; ls | grep -F \"$2.\" || true", tag);
    }

    @Override
    public SubmitOutcome found(CommandResult answer, int copies) {
      if (!answer.ok()) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      List<String> tags = answer
          .out()
          .lines()
          .map(line -> line.replaceFirst("\\.[0-9]+\\.pid$", ""))
          .distinct()
          .toList();
      return tags.isEmpty()
          ? new SubmitOutcome.Rejected("none")
          : new SubmitOutcome.Accepted(ids(tags.get(0), copies));
    }

    @Override
    public List<String> cancelCommand(Set<JobId> jobs) {
      return sh(
          "shift; for each in \"$@\"; do kill -- -$(cat \"$each.pid\"); done; true",
          jobs.stream().map(JobId::id).toArray(String[]::new));
    }

    @Override
    public List<String> cancelCommand(String tag) {
      return sh("for f in \"$2\".*.pid; do kill -- -$(cat \"$f\"); done; true", tag);
    }

    @Override
    public List<String> versionCommand() {
      return List.of("true");
    }
  }
}
