package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.testkit.BatchDialectContract;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class SpoolDialectTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new SpoolDialect();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of("queue", "night");
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("SPOOL_INDEX", Integer.toString(index));
  }

  @Override
  protected List<JobId> ids(int copies) {
    return IntStream.range(0, copies).mapToObj(i -> new JobId("12." + i)).toList();
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return answer("spool-submit", 0, lines(jobs, ""));
  }

  @Override
  protected List<CommandResult> rejections() {
    return List.of(answer("spool-submit", 1, "spool-submit: there is no queue named x"));
  }

  @Override
  protected List<CommandResult> unclear() {
    return List.of(answer("spool-submit", 2, "the spool folder cannot be reached"));
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    return List.of(
        answer("spool-status", 0, lines(jobs, " running")),
        answer("spool-status", 0, lines(jobs, " ended 127")),
        answer("spool-status", 0, lines(jobs, " waiting for queue night to open")),
        answer("spool-status", 0, lines(jobs, " cancelled")));
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return answer("spool-status", 0, job + " dreaming\n");
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    return List.of(); // a job waits for its queue, and nobody holds it
  }

  private static String lines(List<JobId> jobs, String state) {
    return jobs.stream().map(job -> job + state + "\n").collect(Collectors.joining());
  }

  private static CommandResult answer(String program, int code, String said) {
    return new CommandResult(List.of(program), code, said, "");
  }
}
