package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random edits of random workflows, each resumed: a reference, which knows nothing of records, says what must run and
 * what comes out. {@code -Dmuster.edits=10000} makes so many edits, {@code -Dmuster.seed=49} begins with another seed.
 */
@Timeout(900)
class ResumeEditsTest {
  private static final int EDITS = Integer.getInteger("muster.edits", 600);
  private static final int SEED = Integer.getInteger("muster.seed", 0);
  private static final int IN_ONE_RUN = 25;
  private static final ConcurrentSkipListSet<String> RAN = new ConcurrentSkipListSet<>();

  @TempDir
  Path folder;

  private long clock = 1_600_000_000_000L;

  /** What a stage gives. */
  private enum Kind {
    NUMBER,
    FILE,
    /** A number, and a file that nothing names. */
    HIDDEN_FILE,
    /** An object that cannot be kept. */
    OBJECT,
    /** Nothing, but a file elsewhere changes, which those that only wait for it read. */
    NOTHING
  }

  private static final List<Kind> KEPT =
      List.of(Kind.NUMBER, Kind.NUMBER, Kind.FILE, Kind.HIDDEN_FILE);
  private static final List<Scope> SCOPES = List.of(Scope.values());
  private static final List<Kind> ALL = List.of(Kind.values());

  /** A stage as it is edited. */
  private static final class Model {
    String id;
    int param;
    Scope scope;
    Kind kind;
    List<String> from;
    List<String> after;

    Model(String id, int param, Scope scope, Kind kind, List<String> from, List<String> after) {
      this.id = id;
      this.param = param;
      this.scope = scope;
      this.kind = kind;
      this.from = from;
      this.after = after;
    }

    @Override
    public String toString() {
      return id + "(" + kind + ", " + scope + ", from " + from + ", after " + after + ")";
    }
  }

  private final List<Model> stages = new ArrayList<>();
  private final Map<String, List<String>> datasets = new LinkedHashMap<>();
  private final Map<String, Integer> attributes = new HashMap<>();
  private int names;

  @Test
  void runsWhatMustRunAndNothingElse() throws IOException {
    for (int seed = SEED; seed < SEED + Math.max(1, EDITS / IN_ONE_RUN); seed++) {
      edit(new Random(seed), KEPT, folder.resolve("exact-" + seed), true, "seed " + seed);
    }
  }

  @Test
  void neverGivesAStaleValue() throws IOException {
    for (int seed = SEED; seed < SEED + Math.max(1, EDITS / IN_ONE_RUN / 2); seed++) {
      edit(new Random(~seed), ALL, folder.resolve("any-" + seed), false, "seed " + seed);
    }
  }

  private void edit(Random random, List<Kind> kinds, Path place, boolean exact, String what)
      throws IOException {
    Path data = Files.createDirectories(place.resolve("data"));
    make(random, kinds, data);
    Map<String, String> recorded = new HashMap<>();
    Map<String, Integer> executions = new HashMap<>();
    for (int edit = 0; edit <= IN_ONE_RUN; edit++) {
      String said = edit == 0 ? "first" : change(random, kinds, data);
      String where = what + ", edit " + edit + " (" + said + ") of " + stages + datasets;
      Workflow workflow = workflow(data);
      RunOptions.Builder options = RunOptions.builder().keepValues(exact && random.nextInt(3) == 0);
      RunOptions built = (edit == 0
              ? options.directory(place.resolve("run"))
              : options.resume(place.resolve("run")))
          .build();
      RAN.clear();
      Plan plan = Muster.plan(workflow, RunFixture.workers(2), built);
      TreeSet<String> expected = new TreeSet<>();
      Map<Integer, Object> values = reference(plan, data, recorded, executions, expected);
      int told = -1;
      if (edit > 0 && exact) {
        told = Muster.explainResume(plan, built).runs();
      }
      try (Run run = Muster.start(plan, built)) {
        RunResult result = run.await().orThrow();
        check(plan, result, values, where);
      }
      if (exact) {
        assertThat(new TreeSet<>(RAN)).as(where).isEqualTo(expected);
        assertThat(told).as(where).isLessThanOrEqualTo(expected.size());
      }
    }
  }

  private void check(Plan plan, RunResult result, Map<Integer, Object> values, String where) {
    for (PlannedStage stage : plan.stages()) {
      for (int i = 0; i < stage.taskCount(); i++) {
        var task = result.stage(stage.id()).tasks().get(i);
        if (task.hasValue()) {
          assertThat(plain(task.value()))
              .as(where + ", " + task.name())
              .isEqualTo(values.get(stage.firstTask() + i));
        }
      }
    }
  }

  private void make(Random random, List<Kind> kinds, Path data) throws IOException {
    stages.clear();
    datasets.clear();
    attributes.clear();
    for (String name : List.of("a", "b")) {
      List<String> files = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        files.add(file(data, random));
      }
      datasets.put(name, files);
      attributes.put(name, 0);
    }
    for (int i = 2 + random.nextInt(5); i > 0; i--) {
      add(random, kinds);
    }
  }

  private String file(Path data, Random random) throws IOException {
    String name = "f" + names++;
    write(data.resolve(name), random.nextInt(4));
    return name;
  }

  private void write(Path file, int content) throws IOException {
    Files.writeString(file, String.valueOf(content));
    clock += 1000;
    Files.setLastModifiedTime(file, FileTime.fromMillis(clock + 7));
  }

  private void add(Random random, List<Kind> kinds) {
    stages.add(new Model(
        "S" + names++,
        random.nextInt(3),
        SCOPES.get(random.nextInt(SCOPES.size())),
        kinds.get(random.nextInt(kinds.size())),
        some(random, stages.size(), 2),
        some(random, stages.size(), 4)));
  }

  private List<String> some(Random random, int before, int rarity) {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < before; i++) {
      if (random.nextInt(rarity) == 0) {
        chosen.add(stages.get(i).id);
      }
    }
    return chosen;
  }

  private String change(Random random, List<Kind> kinds, Path data) throws IOException {
    Model stage = stages.get(random.nextInt(stages.size()));
    List<String> files = datasets.get(random.nextBoolean() ? "a" : "b");
    switch (random.nextInt(12)) {
      case 0, 1 -> stage.param = random.nextInt(3);
      case 2, 3 -> {
        if (!files.isEmpty()) {
          write(data.resolve(files.get(random.nextInt(files.size()))), random.nextInt(4));
          return "content";
        }
      }
      case 4 -> files.add(random.nextInt(files.size() + 1), file(data, random));
      case 5 -> {
        if (!files.isEmpty()) {
          files.remove(random.nextInt(files.size()));
        }
        return "file less";
      }
      case 6 -> {
        String id = "S" + names++;
        String old = stage.id;
        for (Model each : stages) {
          each.from.replaceAll(name -> name.equals(old) ? id : name);
          each.after.replaceAll(name -> name.equals(old) ? id : name);
        }
        stage.id = id;
        return "name of " + old;
      }
      case 7 -> {
        stage.from = some(random, stages.indexOf(stage), 2);
        return "inputs of " + stage.id;
      }
      case 8 -> stage.kind = kinds.get(random.nextInt(kinds.size()));
      case 9 -> Collections.reverse(files);
      case 10 -> attributes.merge(random.nextBoolean() ? "a" : "b", 1, Integer::sum);
      default -> {
        return "nothing";
      }
    }
    return "something of " + stage.id;
  }

  private Workflow workflow(Path data) {
    Workflow.Builder workflow = Workflow.builder().baseDirectory(data);
    datasets.forEach((name, files) -> workflow.dataset(
        new Dataset(name, files, List.of(), Map.of("kind", attributes.get(name)))));
    for (Model each : stages) {
      workflow.stage(each.id, stage -> {
        List<String> needs = new ArrayList<>(each.from);
        each.after.stream().filter(name -> !needs.contains(name)).forEach(needs::add);
        stage.needs(needs.toArray(String[]::new));
        stage.from(
            each.from.stream().map(name -> StageInput.of(name).asOptional()).toList());
        stage.scope(each.scope);
        stage.param("x", each.param).param("kind", each.kind.name());
        stage.run(new Compute());
      });
    }
    return workflow.build();
  }

  /** What all stages do. */
  private static final class Compute implements Operation {
    @Override
    public @Nullable Object run(OperationContext context) throws Exception {
      String dataset = context.dataset() == null ? "" : context.dataset().name();
      List<String> files = context.files();
      StringBuilder seen = new StringBuilder().append(context.stage().params().get("x"));
      for (String file : files) {
        seen.append(',').append(Files.readString(context.baseDirectory().resolve(file)));
      }
      for (String name : new TreeSet<>(context.inputNames())) {
        seen.append(';').append(plain(context.input(name)));
      }
      long value = Math.floorMod(seen.toString().hashCode(), 3);
      int number = context.partition() == null ? -1 : context.partition().index();
      RAN.add(context.stage().id() + "/" + dataset + "/" + number);
      return switch (Kind.valueOf((String) context.stage().params().get("kind"))) {
        case NUMBER -> value;
        case OBJECT -> new AtomicLong(value);
        case NOTHING -> null;
        case FILE ->
          FileRef.of(Files.writeString(context.outputDirectory().resolve("v"), "" + value));
        case HIDDEN_FILE -> {
          Files.writeString(context.outputDirectory().resolve("h"), "" + value);
          yield Map.of("dir", context.outputDirectory().toString());
        }
      };
    }
  }

  private static @Nullable Object plain(@Nullable Object value) {
    try {
      if (value instanceof FileRef file) {
        return Files.readString(file.path());
      }
      if (value instanceof Map<?, ?> map) {
        return Files.readString(Path.of((String) map.get("dir")).resolve("h"));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return value instanceof List<?> list
        ? list.stream().map(ResumeEditsTest::plain).toList().toString()
        : value == null ? null : value.toString();
  }

  /**
   * Returns the values that tasks must give.
   *
   * @param recorded all that made the last value of each task
   * @param executions how often each has run
   * @param expected receives the names of those that must run
   */
  private Map<Integer, Object> reference(
      Plan plan,
      Path data,
      Map<String, String> recorded,
      Map<String, Integer> executions,
      Set<String> expected)
      throws IOException {
    Map<Integer, @Nullable Object> values = new HashMap<>();
    for (PlannedStage stage : plan.stagesInOrder()) {
      for (int task = stage.firstTask(); task < stage.firstTask() + stage.taskCount(); task++) {
        int local = task - stage.firstTask();
        StringBuilder seen = new StringBuilder().append(stage.stage().params().get("x"));
        StringBuilder trace = new StringBuilder(stage.id()).append(stage.stage().params());
        trace.append(stage.scope());
        Dataset dataset = plan.datasetOf(task);
        var partition = plan.partitionOf(task);
        List<String> files = partition != null
            ? partition.files()
            : dataset != null
                ? dataset.files()
                : plan.workflow().datasets().stream()
                    .flatMap(each -> each.files().stream())
                    .toList();
        trace
            .append(partition)
            .append(dataset == null ? allAttributes(plan) : dataset.attributes());
        for (String file : files) {
          seen.append(',').append(Files.readString(data.resolve(file)));
          trace.append(file).append(Files.getLastModifiedTime(data.resolve(file)));
        }
        Map<String, String> inputs = new TreeMap<>();
        for (Link link : stage.incoming()) {
          PlannedStage producer = plan.stages().get(link.producer());
          List<Object> read = new ArrayList<>();
          link.dependencies(local, (from, to) -> {
            for (int i = from; i < to; i++) {
              int each = producer.firstTask() + i;
              if (link.inputs().isEmpty()) {
                trace.append("after").append(executions.get(key(plan, each)));
                continue;
              }
              read.add(values.get(each));
              trace.append(plan.partitionOf(each)).append(plan.nameOf(each));
              trace.append(
                  plan.datasetOf(each) == null ? "" : plan.datasetOf(each).attributes());
              if (producer.scope() == Scope.DATASET) {
                trace.append(plan.datasetOf(each).files());
              }
            }
          });
          if (!link.inputs().isEmpty()) {
            Object value = link.pattern() == Pattern.GATHER
                ? read.toString()
                : read.isEmpty() ? null : read.get(0);
            inputs.put(producer.id(), String.valueOf(value));
            trace.append(producer.id()).append(link.pattern()).append(value);
            trace.append(read.isEmpty() ? "" : producer.stage().params().get("kind"));
          } else {
            trace.append(producer.id());
          }
        }
        inputs.values().forEach(value -> seen.append(';').append(value));
        long value = Math.floorMod(seen.toString().hashCode(), 3);
        boolean nothing = "NOTHING".equals(stage.stage().params().get("kind"));
        values.put(task, nothing ? null : String.valueOf(value));
        if (!trace.toString().equals(recorded.put(key(plan, task), trace.toString()))) {
          executions.merge(key(plan, task), 1, Integer::sum);
          expected.add(name(plan, task));
        }
      }
    }
    return values;
  }

  private static String allAttributes(Plan plan) {
    return plan.workflow().datasets().stream().map(Dataset::toString).toList().toString();
  }

  private static String key(Plan plan, int task) {
    return plan.stageOf(task).id() + "/" + plan.datasetIndexOf(task) + "/"
        + plan.indexInDatasetOf(task);
  }

  private static String name(Plan plan, int task) {
    Dataset dataset = plan.datasetOf(task);
    var partition = plan.partitionOf(task);
    return plan.stageOf(task).id() + "/" + (dataset == null ? "" : dataset.name()) + "/"
        + (partition == null ? -1 : partition.index());
  }
}
