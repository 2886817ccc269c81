package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.Run;
import dev.muster.value.FileRef;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of a run is killed at random moments, and its records are cut at random bytes; another one goes on.
 * {@code -Dmuster.kills=200} kills so often.
 */
@Timeout(1800)
class ResumeKillTest {
  private static final int KILLS = Integer.getInteger("muster.kills", 3);
  private static final int TASKS = 300;
  private static final String RAN = "ran";
  private static final String SUM = "sum";

  @TempDir
  Path folder;

  /** Runs the workflow in a process of its own. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      try (Run run = Muster.start(workflow(folder), RunFixture.workers(2), options(folder))) {
        Object sum = run.await().orThrow().stage("Sum").value();
        Files.writeString(folder.resolve(SUM), String.valueOf(sum));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static RunOptions options(Path folder) {
    Path directory = folder.resolve("run");
    return Files.exists(directory.resolve("journal"))
        ? RunOptions.builder().resume(directory).build()
        : RunOptions.builder().directory(directory).build();
  }

  private static Workflow workflow(Path folder) {
    return Workflow.builder()
        .baseDirectory(folder)
        .dataset(RunFixture.data("d", TASKS))
        .stage("Number", stage -> stage.run(new Step()))
        .stage("File", stage -> stage.from("Number").run(new Step()))
        .stage("Sum", stage -> stage.from("File").scope(Scope.GLOBAL).run(new Step()))
        .build();
  }

  /** What the stages do: a number, its square in a file, the sum of all. */
  private static final class Step implements Operation {
    @Override
    public Object run(OperationContext context) throws Exception {
      String task = context.stage().id();
      LockSupport.parkNanos(1_000_000);
      if (context.partition() == null) {
        long sum = 0;
        for (Object file : context.inputs("File")) {
          sum += Long.parseLong(Files.readString(((FileRef) file).path()));
        }
        note(context, task);
        return sum;
      }
      long index = context.partition().index();
      note(context, task + "/d." + index); // as the run names it
      if (task.equals("Number")) {
        return index;
      }
      long square = (Long) context.input("Number") * index;
      return FileRef.of(Files.writeString(context.outputDirectory().resolve("n"), "" + square));
    }

    private static void note(OperationContext context, String task) throws IOException {
      Files.writeString(
          context.baseDirectory().resolve(RAN),
          task + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  @Test
  void goesOnAfterAKill() throws Exception {
    Random random = new Random();
    long expected = LongStream.range(0, TASKS).map(i -> i * i).sum();
    int left = KILLS;
    for (int round = 0; left > 0; round++) {
      Path place = Files.createDirectory(folder.resolve("round-" + round));
      Set<String> done = new HashSet<>();
      for (int kill = 0; kill < 3 && left > 0; kill++, left--) {
        Files.deleteIfExists(place.resolve(RAN));
        Process process =
            OtherJvm.start(Program.class, Map.of(), place.resolve("log"), place.toString());
        awaitBegin(process, place, kill);
        boolean ended = process.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        if (ended) {
          assertThat(process.exitValue())
              .as(Files.readString(place.resolve("log")))
              .isZero();
        }
        checkNothingAgain(place, done, "round " + round + ", kill " + kill);
        done.addAll(succeeded(place, kill + 1));
        if (random.nextInt(3) == 0) {
          cut(place, "records", random);
          cut(place, "journal", random);
          done.clear();
        }
      }
      finish(place, expected);
      checkNothingAgain(place, done, "round " + round);
      finish(place, expected);
      assertThat(place.resolve(RAN)).as("nothing was left to do").doesNotExist();
      try (var all = Files.list(place.resolve("run"))) {
        assertThat(all.map(each -> each.getFileName().toString()))
            .as("no claim and no unfinished file is left")
            .noneMatch(name -> name.startsWith("owner") || name.startsWith("."));
      }
    }
  }

  /**
   * Runs it to its end in a process like those before: where classes are found in another way, as by this one, they
   * count as others.
   */
  private static void finish(Path place, long expected) throws Exception {
    Files.deleteIfExists(place.resolve(RAN));
    Files.deleteIfExists(place.resolve(SUM));
    Process process =
        OtherJvm.start(Program.class, Map.of(), place.resolve("log"), place.toString());
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    assertThat(ended && process.exitValue() == 0)
        .as(Files.readString(place.resolve("log")))
        .isTrue();
    assertThat(place.resolve(SUM)).hasContent(Long.toString(expected));
  }

  /** Returns the tasks whose success the journal of a process tells of: their records were written before. */
  private static Set<String> succeeded(Path place, int controller) throws IOException {
    Pattern name = Pattern.compile("TaskSucceeded.*?\"name\":\"([^\"]+)\"");
    Set<String> found = new HashSet<>();
    Path journal = place.resolve(controller == 1 ? "run/journal" : "run/journal." + controller);
    if (Files.exists(journal)) {
      name.matcher(Files.readString(journal)).results().forEach(match -> found.add(match.group(1)));
    }
    return found;
  }

  private static void checkNothingAgain(Path place, Set<String> done, String what)
      throws IOException {
    if (Files.exists(place.resolve(RAN)) && !done.isEmpty()) {
      assertThat(Files.readAllLines(place.resolve(RAN))).as(what).doesNotContainAnyElementsOf(done);
    }
  }

  private static List<Path> files(Path folder, String start) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var all = Files.list(folder)) {
      return all.filter(each -> each.getFileName().toString().startsWith(start))
          .sorted()
          .toList();
    }
  }

  private static void awaitBegin(Process process, Path place, int kill) throws Exception {
    Path records = place.resolve("run/records/" + (kill + 1));
    for (int i = 0; i < 6000 && process.isAlive() && !Files.exists(records); i++) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Cuts one of the files that a killed process was writing, at a random byte. */
  private static void cut(Path place, String what, Random random) throws IOException {
    Map<Path, Long> sizes = new HashMap<>();
    List<Path> segments = what.equals("journal")
        ? files(place.resolve("run"), what)
        : files(place.resolve("run/records"), "").stream()
            .filter(each -> !each.endsWith("key"))
            .toList();
    for (Path each : segments) {
      sizes.put(each, Files.size(each));
    }
    if (!segments.isEmpty()) {
      Path one = segments.get(random.nextInt(segments.size()));
      try (var channel = Files.newByteChannel(one, StandardOpenOption.WRITE)) {
        channel.truncate((long) (random.nextDouble() * sizes.get(one)));
      }
    }
  }
}
