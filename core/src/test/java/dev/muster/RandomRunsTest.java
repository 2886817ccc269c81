package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.RunFixture.Events;
import dev.muster.execution.Execution;
import dev.muster.run.FailureKind;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.TaskException;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random workflows on random pools, with failures, retries and cancels; {@link RunChecker} looks at what happened. */
@Timeout(60)
class RandomRunsTest {
  private static final List<FailureKind> KINDS = List.of(
      FailureKind.OPERATION,
      FailureKind.OUT_OF_MEMORY,
      FailureKind.WORKER_LOST,
      FailureKind.PREEMPTED,
      FailureKind.CREDENTIAL,
      FailureKind.NETWORK);
  private static final List<Scope> SCOPES = List.of(Scope.values());
  private static final List<String> DATASETS = List.of("a", "b", "c");
  private static final List<String> POOLS = List.of("default", "gpu", "large");

  private final Map<String, AtomicInteger> executed = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
  private final Map<String, Integer> capacity = new ConcurrentHashMap<>();
  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

  static IntStream seeds() {
    return IntStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void keepsAllPromises(int seed) {
    Random random = new Random(seed);
    double failing = random.nextInt(3) * 0.08;
    Workflow workflow = workflow(random, seed, failing);
    Execution execution = execution(random);
    boolean keepGoing = random.nextBoolean();
    int cancelAfter = random.nextInt(4) == 0 ? random.nextInt(60) : Integer.MAX_VALUE;
    Events events = new Events();
    AtomicInteger heard = new AtomicInteger();
    Run[] started = new Run[1];
    RunOptions options = RunOptions.builder()
        .keepGoing(keepGoing)
        .listener(event -> {
          events.add(event);
          if (heard.incrementAndGet() >= cancelAfter) {
            synchronized (started) {
              if (started[0] != null) {
                started[0].cancel();
              }
            }
          }
        })
        .build();
    RunResult result;
    try (Run run = Muster.start(workflow, execution, options)) {
      synchronized (started) {
        started[0] = run;
      }
      result = RunFixture.end(run);
      new RunChecker(run.plan(), events).check(result, keepGoing);
    }
    assertThat(wrong).isEmpty();
    assertThat(executed.values()).allMatch(times -> times.get() == 1);
    assertThat(running.values()).allMatch(count -> count.get() == 0);
  }

  @AfterAll
  static void noThreadIsLeft() {
    assertThat(RunFixture.threads()).isEmpty();
  }

  private Execution execution(Random random) {
    Execution.Builder execution = Execution.builder();
    for (String name : POOLS) {
      int workers = 1 + random.nextInt(3);
      int slots = 1 + random.nextInt(2);
      capacity.put(name, workers * slots);
      execution.pool(name, pool -> pool.workers(workers).slots(slots));
    }
    return execution.build();
  }

  private Workflow workflow(Random random, int seed, double failing) {
    Workflow.Builder workflow = Workflow.builder();
    boolean data = random.nextInt(5) > 0;
    if (data) {
      DATASETS.forEach(name -> workflow.dataset(RunFixture.data(name, random.nextInt(6))));
    }
    int stages = 1 + random.nextInt(10);
    for (int i = 0; i < stages; i++) {
      List<String> needs = new ArrayList<>();
      for (int earlier = 0; earlier < i; earlier++) {
        if (random.nextInt(Math.max(1, i / 2)) == 0) {
          needs.add("S" + earlier);
        }
      }
      workflow.stage("S" + i, stage -> {
        stage.needs(needs.toArray(String[]::new));
        stage.from(needs.stream().map(need -> StageInput.of(need).asOptional()).toList());
        stage.require(POOLS.get(random.nextInt(POOLS.size())));
        if (data) {
          stage.scope(SCOPES.get(random.nextInt(SCOPES.size())));
        }
        if (data && random.nextInt(4) == 0) {
          stage.appliesTo(Map.of("name", DATASETS.subList(0, 1 + random.nextInt(3))));
        }
        Duration backoff = Duration.ofNanos(random.nextInt(2) * 100_000L);
        stage.retry(new Retry(random.nextInt(3), backoff, random.nextInt(3) == 0 ? "large" : null));
        if (random.nextInt(3) == 0) {
          stage.timeout(Duration.ofMinutes(5));
        }
        stage.run(context -> operation(context, seed, failing));
      });
    }
    return workflow.build();
  }

  private Object operation(OperationContext context, int seed, double failing) {
    String place = context.partition() != null
        ? context.partition().index() + ""
        : context.dataset() != null ? context.dataset().name() : "";
    String name = context.stage().id() + "/" + place + "#" + context.attempt();
    executed.computeIfAbsent(name, key -> new AtomicInteger()).incrementAndGet();
    AtomicInteger here = running.computeIfAbsent(context.pool(), key -> new AtomicInteger());
    if (here.incrementAndGet() > capacity.get(context.pool())) {
      wrong.add("too many at once in " + context.pool());
    }
    try {
      for (String input : context.inputNames()) {
        if (context.inputs(input).contains(null) && !context.cancelled()) {
          wrong.add(name + " misses a value of " + input);
        }
      }
      Random chance = new Random(31L * seed + name.hashCode());
      if (chance.nextDouble() < failing) {
        throw new TaskException(KINDS.get(chance.nextInt(KINDS.size())), "on purpose", null);
      }
      return name;
    } finally {
      here.decrementAndGet();
    }
  }
}
