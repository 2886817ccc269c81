package dev.muster.internal.engine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.muster.code.StageCode;
import dev.muster.error.Diagnostic;
import dev.muster.error.Diagnostics;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.Unread;
import dev.muster.error.Visible;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Credentials;
import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes;
import dev.muster.internal.resume.RecordedCode;
import dev.muster.plan.Attempt;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.resource.Quantities;
import dev.muster.spi.Site;
import dev.muster.spi.Site.Part;
import dev.muster.workflow.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds everything that is wrong with a plan and can be known without starting anything, and keeps the code of the
 * stages: what was checked is what runs. Not thread-safe.
 */
public final class PlanCheck implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PlanCheck.class);
  private final Attempt attempt;
  private final List<Problem> before;
  private final Plan plan;
  private final Set<String> adrift;
  private final Unread unread;
  private final Providers providers;
  private final Execution execution;
  private final Site site;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> here = new HashSet<>();
  private final Map<SessionKey, StageCodes> codes = new HashMap<>();

  private PlanCheck(Attempt attempt, List<Problem> before, Providers providers) {
    this.attempt = attempt;
    this.before = List.copyOf(before);
    this.plan = attempt.plan();
    this.adrift = attempt.adrift();
    this.unread = attempt.unread();
    this.providers = providers;
    this.execution = plan.execution().execution();
    this.site = PlanSite.checked(
        plan,
        providers,
        said -> log.debug("{}", Visible.text(said)),
        (path, check) -> attempt(path, () -> problems.addAll(check.get())));
  }

  /** Checks a plan. */
  public static PlanCheck of(Plan plan, Providers providers) {
    return of(
        new Attempt(plan, ImmutableList.of(), Unread.none(), ImmutableSet.of()),
        List.of(),
        providers);
  }

  /**
   * Checks what was planned, also where not all could be.
   *
   * @param before what was found before it was planned
   */
  public static PlanCheck of(Attempt attempt, List<Problem> before, Providers providers) {
    PlanCheck check = new PlanCheck(attempt, before, providers);
    try {
      check.run();
    } catch (RuntimeException | Error e) {
      check.close();
      throw e;
    }
    return check;
  }

  /** Hands on the code of the stages of a session, or null if it was not asked for; who gets it has to close it. */
  @Nullable
  StageCodes take(SessionKey key) {
    return codes.remove(key);
  }

  /** Returns what a stage runs, as long as that is not handed on, or why its results are not kept. */
  RecordedCode recordedCode(PlannedStage stage) {
    SessionKey key = SessionKey.of(stage.route());
    String why = providers.backend(key.backend()).unrecorded(plan);
    StageCodes known = codes.get(key);
    return why == null && known != null && known.has(stage.stage())
        ? RecordedCode.of(known.code(stage.stage()))
        : RecordedCode.none(why == null ? "what it runs is not known" : why);
  }

  /** Closes the code that was not handed on. */
  @Override
  public void close() {
    List<StageCodes> left = List.copyOf(codes.values());
    codes.clear();
    left.forEach(StageCodes::close);
    site.close();
  }

  /** Returns what was found, and the warnings of the plan, in the order of the files. */
  public List<Diagnostic> diagnostics() {
    Located located = new Located(plan);
    Followers followers = new Followers(attempt);
    Diagnostics found = new Diagnostics();
    found.errors(before);
    attempt.problems().stream().map(located::of).forEach(found::error);
    problems.stream().map(located::of).filter(each -> !followers.has(each)).forEach(found::error);
    plan.warnings().stream().map(located::of).forEach(found::warning);
    return found.list();
  }

  /** Returns what was found in something of which nothing could be planned. */
  public static List<Diagnostic> of(List<Problem> problems) {
    Diagnostics found = new Diagnostics();
    found.errors(problems);
    return found.list();
  }

  private void run() {
    named(
        "execution.strategy",
        () -> site.require(Part.STRATEGY, String.valueOf(execution.strategy())));
    named(
        "execution.environment",
        () -> site.require(Part.ENVIRONMENT, environment().type()));
    Credentials credentials = execution.credentials();
    if (credentials != null) {
      for (int i = 0; i < credentials.kinds().size(); i++) {
        String kind = credentials.kinds().get(i);
        named("execution.credentials[" + i + "]", () -> site.require(Part.CREDENTIAL, kind));
      }
    }
    ExecutorCheck.run(execution, providers, problems);
    List<SessionNeed> needs =
        SessionNeed.of(plan).stream().map(need -> need.without(adrift)).toList();
    needs.forEach(this::session);
    if (!unread.covers("execution.backend") && !unread.covers("execution.strategy")) {
      attempt("", () -> problems.addAll(options(needs)));
    }
    List<Stage> lost = new ArrayList<>();
    for (SessionNeed need : needs) {
      List<Stage> elsewhere =
          need.stages().stream().filter(stage -> !here.contains(stage.id())).toList();
      if (!providers.hasBackend(need.key().backend())) {
        lost.addAll(elsewhere);
        continue;
      }
      attempt(
          "",
          () -> problems.addAll(StageCodes.problems(
              plan.workflow(),
              elsewhere,
              providers,
              base(),
              StageCodes.Setting.local(need.config(), need.pools()))));
    }
    plan.stages().stream()
        .map(PlannedStage::stage)
        .filter(stage -> adrift.contains(stage.id()))
        .forEach(lost::add);
    attempt(
        "", () -> problems.addAll(StageCodes.problems(plan.workflow(), lost, providers, base())));
  }

  // What the backend of a stage that is adrift would take is not known.
  private List<Problem> options(List<SessionNeed> needs) {
    List<Problem> wrong = OptionCheck.problems(plan, needs, providers, site);
    return adrift.isEmpty()
        ? wrong
        : wrong.stream()
            .filter(each -> String.valueOf(each.suggestion()).startsWith("did you mean"))
            .toList();
  }

  private WorkerEnvironment environment() {
    return Objects.requireNonNullElse(execution.environment(), WorkerEnvironment.current());
  }

  /** Returns where the backend or the strategy of a session is chosen. */
  private String path(SessionNeed need, String what) {
    String name = need.key().executor();
    NamedExecutor executor = name == null ? null : execution.executors().get(name);
    if (executor != null
        && (what.equals("backend") ? executor.backend() : executor.strategy()) != null) {
      return "execution.executors." + name + "." + what;
    }
    boolean own = what.equals("backend") && !need.key().backend().equals(execution.backend());
    return own && !need.stages().isEmpty()
        ? "stage " + need.stages().get(0).id() + ".execution.backend"
        : "execution." + what;
  }

  /** Checks the stages of a session as those whose tasks this JVM runs. */
  private void operations(SessionNeed need) {
    attempt("", () -> problems.addAll(codes(need).problems()));
  }

  /** Resolves the stages of a session, when they are first asked for. */
  private StageCodes codes(SessionNeed need) {
    List<Problem> wrong = new ArrayList<>();
    StageCodes known = codes.computeIfAbsent(need.key(), key -> {
      need.stages().forEach(stage -> here.add(stage.id()));
      return need.codes(plan, providers, wrong);
    });
    problems.addAll(wrong);
    return known;
  }

  private StageCode code(SessionNeed need, PlannedStage planned) {
    StageCodes known = codes(need);
    if (!known.has(planned.stage())) {
      String path = "stage " + planned.id() + ".";
      List<Problem> own =
          problems.stream().filter(each -> each.path().startsWith(path)).toList();
      throw new WorkflowException(own.isEmpty() ? List.copyOf(problems) : own);
    }
    return known.code(planned.stage());
  }

  private Path base() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  private void session(SessionNeed need) {
    SessionKey key = need.key();
    if (named(path(need, "strategy"), () -> site.require(Part.STRATEGY, key.strategy()))) {
      boolean parallel = !providers.hasBackend(key.backend())
          || providers.backend(key.backend()).carries().parallel();
      for (Pool pool : need.pools()) {
        if (pool.quantities().parallel() && !parallel) {
          problems.add(alone(key.backend(), pool));
        } else {
          attempt("pool " + pool.name(), () -> problems.addAll(site.problems(need.site(), pool)));
        }
      }
    }
    if (named(path(need, "backend"), () -> providers.backend(key.backend()))) {
      CheckContext context = new CheckContext(
          plan,
          need,
          site.session(need.site()),
          () -> operations(need),
          stage -> code(need, stage));
      attempt(path(need, "backend"), () -> providers.backend(key.backend()).check(context));
    }
  }

  private static Problem alone(String backend, Pool pool) {
    Quantities own = pool.quantities();
    return new Problem(
        null,
        "pool " + pool.name() + ".resources",
        "the pool has nodes " + own.nodesOrDefault() + " and tasks_per_node "
            + own.tasksPerNodeOrDefault() + ", and with backend " + backend
            + " a task has one process on one node",
        "leave both out, or send its stages to a backend that starts a job for each task, such as batch");
  }

  /** Looks up what a path names; returns whether it is there. */
  private boolean named(String path, Runnable lookup) {
    try {
      lookup.run();
      return true;
    } catch (WorkflowException e) {
      for (Problem problem : e.problems()) {
        problems.add(new Problem(null, path, problem.message(), problem.suggestion()));
      }
    } catch (RuntimeException | LinkageError e) { // it cannot be loaded, or there are two
      problems.add(new Problem(null, path, String.valueOf(e.getMessage()), null));
    }
    return false;
  }

  /** Does what may find problems; what it throws is one. */
  private void attempt(String path, Runnable check) {
    try {
      check.run();
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    } catch (MusterException | IllegalArgumentException e) {
      problems.add(new Problem(null, path, String.valueOf(e.getMessage()), null));
    } catch (RuntimeException | LinkageError e) {
      log.debug("{} cannot be checked", path, e);
      problems.add(new Problem(null, path, "it cannot be checked: " + e, null));
    }
  }
}
