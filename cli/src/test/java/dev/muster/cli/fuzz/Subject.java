package dev.muster.cli.fuzz;

import dev.muster.CheckedPlan;
import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.SiteFiles;
import dev.muster.WorkflowDraft;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.Diagnostic;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.resource.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Does with a text what users do with a file: loads, prints, loads again, plans and checks it. Not thread-safe: a
 * thread has its own.
 */
final class Subject {
  private static final int MOST = 16 << 10;
  private static final int MOST_TASKS = 2_000;

  private final Path folder;
  private final WorkflowFile sited;
  private final RunOptions options;
  private int accepted;
  private int planned;

  /**
   * @param folder for files of this one
   */
  Subject(Path folder) {
    this.folder = folder;
    this.sited = Workflows.fromYaml("""
        analysis:
          stages:
            - {id: A, op: shell, params: {command: "true"}}
            - {id: B, op: shell, params: {command: "true"}, execution: {prefer: gpu, fallback: default}}
        """);
    this.options =
        RunOptions.builder().machine(new Machine(4, MemorySize.parse("8GB"))).build();
  }

  int accepted() {
    return accepted;
  }

  int planned() {
    return planned;
  }

  /** Returns what is wrong with the library, or null. */
  @Nullable
  String tried(Seed seed, String text) throws IOException {
    try {
      return seed.site() ? site(text) : workflow(seed.folder(), text);
    } catch (WorkflowException e) {
      return badly(e.problems(), true);
    }
  }

  private @Nullable String workflow(Path base, String text) {
    WorkflowDraft draft = Workflows.draft(text, "mutant.yaml", base);
    CheckedPlan checked = Muster.check(draft, options);
    String told = told(checked, draft.problems());
    if (told != null || !draft.problems().isEmpty()) {
      return told;
    }
    WorkflowFile file = draft.file();
    accepted++;
    String printed = Workflows.toYaml(file);
    WorkflowFile again;
    try {
      again = Workflows.fromYaml(printed, "reread.yaml", base);
    } catch (WorkflowException e) {
      return "what was printed cannot be loaded: " + e.getMessage() + "\n" + printed;
    }
    if (!again.workflow().equals(file.workflow())) {
      return "the workflow that was printed is another one:\n" + printed;
    }
    if (!again.execution().equals(file.execution())) {
      return "the execution that was printed is another one:\n" + printed;
    }
    if (!Workflows.toYaml(again).equals(printed)) {
      return "what was printed is printed in another way:\n" + printed;
    }
    Plan plan = Muster.plan(file, options);
    String wrong = planned(plan);
    if (wrong == null && plan.taskCount() <= MOST_TASKS) {
      String first = withoutPlaces(plan.toYaml());
      String second = withoutPlaces(Muster.plan(again, options).toYaml());
      if (!second.equals(first)) {
        return "what was printed has another plan:\n" + first + "\nand\n" + second;
      }
    }
    return wrong;
  }

  /** Returns a plan without what depends on how its file was written: places, and doubts about the way of writing. */
  private static String withoutPlaces(String plan) {
    int warnings = plan.lastIndexOf("\nwarnings:");
    return (warnings < 0 ? plan : plan.substring(0, warnings))
        .replaceAll("(mutant|reread)\\.yaml(:\\d+:\\d+)?", "FILE");
  }

  private @Nullable String site(String text) throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.write(file, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Map<String, String> variables = Map.of(SiteFiles.VARIABLE, file.toString());
    WorkflowDraft draft = WorkflowDraft.of(sited).onSite(variables, null);
    String told = told(Muster.check(draft, options), draft.problems());
    if (told != null || !draft.problems().isEmpty()) {
      return told;
    }
    WorkflowFile on = sited.on(SiteFiles.read(variables, null));
    accepted++;
    String wrong = planned(Muster.plan(on, options));
    for (String strategy : List.of("slurm", "htcondor")) {
      if (wrong == null) {
        Layer chosen = new Layer(
            "test",
            dev.muster.execution.Execution.builder()
                .backend("dask")
                .strategy(strategy)
                .build(),
            Map.of());
        RunOptions with = options.toBuilder().above(chosen).build();
        wrong = checked(Muster.plan(on, with), with);
      }
    }
    return wrong;
  }

  private @Nullable String planned(Plan plan) {
    planned++;
    if (plan.taskCount() <= MOST_TASKS) {
      int length = plan.toYaml().length()
          + plan.toJson().length()
          + plan.toDot().length()
          + plan.toMermaid().length();
      for (var stage : plan.stages()) {
        length += plan.explain(stage.id()).toString().length();
      }
      if (length == 0) {
        return "a plan prints as nothing";
      }
    }
    return checked(plan, options);
  }

  /**
   * Returns what is wrong with how everything is told at once, or null.
   *
   * @param read what was wrong before anything was planned
   */
  private static @Nullable String told(CheckedPlan checked, List<Problem> read) {
    List<Problem> all = checked.diagnostics().stream().map(Diagnostic::problem).toList();
    for (Problem problem : read) {
      if (all.stream().noneMatch(each -> each.message().equals(problem.message()))) {
        return "a problem is lost: " + problem;
      }
    }
    boolean errors = checked.diagnostics().stream().anyMatch(Diagnostic::isError);
    if (checked.plan() == null && !errors) {
      return "no plan, and nobody says why";
    }
    return checked.plan() != null && !read.isEmpty()
        ? "a plan of what has problems: " + read
        : badly(all, false);
  }

  private static @Nullable String checked(Plan plan, RunOptions options) {
    List<Problem> problems =
        Muster.check(plan, options).stream().map(Diagnostic::problem).toList();
    return badly(problems, false);
  }

  /** Returns what is wrong with how problems are told, or null. */
  private static @Nullable String badly(List<Problem> problems, boolean thrown) {
    if (thrown && problems.isEmpty()) {
      return "refused without a problem";
    }
    Set<String> once = new HashSet<>();
    for (Problem problem : problems) {
      if (!isPlaced(problem)) {
        return "a message without a place: " + problem;
      }
      if (!once.add(problem.location() + problem.message())) {
        return "a message is there twice: " + problem;
      }
      String text = problem.toString();
      if (text.length() > MOST) {
        return "a message of " + text.length() + " characters: " + text.substring(0, 300);
      }
      if (text.contains("it cannot be made: ") || text.contains("it cannot be checked: ")) {
        return "an exception became a problem: " + text;
      }
      if (text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\t')) {
        return "a message has control characters: " + text;
      }
    }
    return null;
  }

  /** Tells whether a problem says where it stands: in a file, in an option, or that a whole file is wrong. */
  private static boolean isPlaced(Problem problem) {
    return problem.location() != null
        || problem.message().contains(" (set by ")
        || problem.message().startsWith("the file ")
        || problem.message().endsWith(" are not listed");
  }
}
