package dev.muster.internal.operation;

import dev.muster.code.Carries;
import dev.muster.code.Command;
import dev.muster.code.ContainerSpec;
import dev.muster.code.JavaCode;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.StageCode.Kind;
import dev.muster.code.Surroundings;
import dev.muster.code.Surroundings.Hook;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes.Setting;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import dev.muster.workflow.WorkflowParams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what stands behind the names of one stage after another, and collects what is wrong.
 *
 * <p>A name means, in this order: the stage's own Java code, the workflow's, its registry's, that of a provider given
 * as an instance, a built-in one, that of a provider found. Not thread-safe.
 */
final class Resolver {
  private static final Logger log = LoggerFactory.getLogger(Resolver.class);

  private static final String NO_JAVA = "' is Java code, which workers of the backend ";

  private final Workflow workflow;
  private final Providers providers;
  private final Path baseDirectory;
  private final Setting setting;
  private final ExternalWorkers workers;
  private final Carries carries;
  private final String backend;
  private final Closer closer;
  private final List<Problem> problems;

  /**
   * @param setting where the stages run
   * @param closer receives what is made and has to be closed
   * @param problems receives what is wrong
   */
  Resolver(
      Workflow workflow,
      Providers providers,
      Path baseDirectory,
      Setting setting,
      Closer closer,
      List<Problem> problems) {
    this.workflow = workflow;
    this.providers = providers;
    this.baseDirectory = baseDirectory;
    this.setting = setting;
    this.workers = new ExternalWorkers(workflow, providers, setting);
    this.carries = setting.carries();
    this.backend = setting.backend();
    this.closer = closer;
    this.problems = problems;
  }

  /** Returns what the stage's tasks run, or null after adding a problem. */
  @Nullable
  StageCode resolve(Stage stage) {
    int before = problems.size();
    OperationSetup setup = new OperationSetup(stage, baseDirectory);
    Kind kind = isPython(stage) ? Kind.PYTHON : isShell(stage) ? Kind.SHELL : Kind.JAVA;
    if (kind != Kind.SHELL && WorkflowParams.isNamedIn(stage.params())) { // of another 'shell'
      problem(
          stage,
          ".params",
          "the workflow's parameters are not put into the parameters of the operation '"
              + stage.op() + "' that was given here",
          "give the operation another name than that of the built-in one");
    }
    ContainerSpec container = container(stage, kind);
    Surroundings around = around(stage, kind, setup);
    StageCode code = null;
    if (carries.kinds().contains(kind)) {
      code = switch (kind) {
        case PYTHON -> make(stage, ".op", () -> python(stage, around));
        case SHELL -> make(stage, ".op", () -> shell(stage, container, around));
        case JAVA -> {
          Operation own = ownCode(stage);
          Operation made = own != null ? own : operation(stage);
          yield made == null ? null : new JavaCode(stage.op(), stage.params(), made, around);
        }
      };
    } else if (kind == Kind.JAVA && workers.executor(stage) != null) {
      problem(
          stage,
          ".op",
          workers.elsewhere(stage),
          "leave 'backend' of the executor out, or give it a type, such as shell");
    } else if (kind != Kind.JAVA || exists(stage)) {
      problem(
          stage,
          ".op",
          "the operation '" + stage.op()
              + (kind == Kind.JAVA
                  ? NO_JAVA + backend + " cannot run"
                  : "' is none that the backend " + backend + " carries out"),
          "write environment.executor: LocalExecutor to run it in this JVM, or give it a Python"
              + " implementation, module:callable, in registry.operations");
    }
    return problems.size() > before ? null : code;
  }

  /**
   * Adds what is wrong with a stage of which only its backend knows what it runs: its variables, its command, its
   * callables.
   */
  void check(Stage stage) {
    if (isPython(stage) || isShell(stage)) {
      log.trace("stage {} would run {}", stage.id(), resolve(stage));
    } else {
      Map<String, String> variables = EnvFile.variables(stage, baseDirectory, problems);
      log.trace("stage {} has the variables {}", stage.id(), variables.keySet());
      if (ownCode(stage) != null || workflow.registry().operations().containsKey(stage.op())) {
        log.trace("stage {} runs in {}", stage.id(), container(stage, Kind.JAVA));
      }
    }
  }

  /** Adds what is wrong with a stage whatever its backend is; an operation that nobody here knows is told too. */
  void checkNamed(Stage stage) {
    check(stage);
    if (!isPython(stage) && !isShell(stage)) {
      log.trace("stage {} has an operation: {}", stage.id(), exists(stage));
    }
  }

  // Of all code, only commands run in containers.
  private @Nullable ContainerSpec container(Stage stage, Kind kind) {
    String image = stage.environment().image();
    if (image == null) {
      return null;
    }
    if (kind != Kind.SHELL) {
      problem(
          stage,
          ".environment.image",
          "the stage asks for the container image '" + image + "', but only the operation shell"
              + " runs in containers, not " + (kind == Kind.PYTHON ? "Python" : "Java") + " code",
          "remove 'image', or write the stage as a shell command, for example: python3 train.py");
      return null;
    }
    return make(
        stage,
        ".environment.image",
        () -> ContainerSpec.of(image, setting.config(), setting.pools()));
  }

  private Surroundings around(Stage stage, Kind kind, OperationSetup setup) {
    Map<String, String> variables = EnvFile.variables(stage, baseDirectory, problems);
    List<Hook> hooks = new ArrayList<>();
    List<PythonModifier> python = new ArrayList<>();
    for (int i = 0; i < stage.modifiers().size(); i++) {
      String path = ".execution.modifiers[" + i + "]";
      Modifier modifier = stage.modifiers().get(i);
      Supplier<@Nullable PythonModifier> maker =
          PythonModifiers.find(modifier, kind, !python.isEmpty(), workflow, providers, carries);
      if (maker != null) {
        PythonModifier made = make(stage, path, maker);
        if (made != null) {
          python.add(made);
        }
      } else if (carries.kinds().contains(Kind.JAVA)) {
        ModifierHooks made = modifier(stage, kind, path, modifier, setup);
        if (made != null) {
          hooks.add(new Hook(modifier.name(), modifier.params(), made));
        }
        if (!python.isEmpty()) {
          problem(
              stage,
              path,
              "the Java modifier '" + modifier.name() + "' comes after the Python modifier '"
                  + python.get(0).name() + "', but can only run around it",
              "list Java modifiers first");
        }
      } else {
        missing(
            stage,
            path,
            "workers of the backend " + backend + " know no Python modifier '" + modifier.name()
                + "'",
            "give it a Python implementation, module:name, in registry.execution_modifiers");
      }
    }
    if (!python.isEmpty()
        && kind == Kind.JAVA
        && isKnown(stage) // else that is told
        && carries.kinds().contains(Kind.JAVA)) {
      problem(
          stage,
          ".execution.modifiers",
          "the modifier '" + python.get(0).name() + "' is Python, and the operation '" + stage.op()
              + "' is Java code, which runs in no Python process",
          "use Python modifiers on Python code and commands; on Java code, a modifier in Java");
    }
    return new Surroundings(hooks, python, variables, stage.environment().extraData());
  }

  private boolean isShell(Stage stage) {
    return stage.op().equals(BuiltIns.SHELL)
        && ownCode(stage) == null
        && !workflow.registry().operations().containsKey(BuiltIns.SHELL)
        && providers.givenOperation(BuiltIns.SHELL) == null;
  }

  private @Nullable Operation ownCode(Stage stage) {
    return stage.operation() != null ? stage.operation() : workflow.operations().get(stage.op());
  }

  private boolean isPython(Stage stage) {
    if (ownCode(stage) != null) {
      return false;
    }
    String impl = workflow.registry().operations().get(stage.op());
    return impl != null
        ? !Implementations.isJava(impl)
        : stage.op().equals(BuiltIns.PYTHON) && providers.givenOperation(stage.op()) == null;
  }

  private ShellCode shell(Stage stage, @Nullable ContainerSpec container, Surroundings around) {
    Command command = ShellCommand.parse(stage.params(), workflow.params());
    return new ShellCode(command, stage.params(), container, around);
  }

  private PythonCode python(Stage stage, Surroundings around) {
    String impl = workflow.registry().operations().get(stage.op());
    return impl == null
        ? PythonCallable.parse(stage.params(), around)
        : new PythonCode(
            PythonCallable.check(impl, "the implementation of " + stage.op()),
            List.of(),
            stage.params(),
            around);
  }

  private boolean isKnown(Stage stage) {
    return ownCode(stage) != null
        || workers.executor(stage) != null
        || workflow.registry().operations().containsKey(stage.op())
        || providers.operationNames().contains(stage.op());
  }

  /** Tells whether there is an operation in Java of a stage's name; adds a problem if there is none. */
  private boolean exists(Stage stage) {
    boolean there = isKnown(stage);
    if (!there) {
      unknown(stage);
    }
    return there;
  }

  private void unknown(Stage stage) {
    SortedSet<String> known = providers.operationNames();
    known.addAll(BuiltIns.OPERATIONS);
    known.addAll(workflow.operations().keySet());
    known.addAll(workflow.registry().operations().keySet());
    missing(
        stage,
        ".op",
        "there is no operation named '" + stage.op() + "'",
        Providers.suggest(stage.op(), known));
  }

  private @Nullable Operation operation(Stage stage) {
    return Repeatedly.make(problems, stage.params(), params -> {
      Stage with = params.equals(stage.params())
          ? stage
          : stage.toBuilder().params(params).build();
      return make(stage, ".op", () -> named(with, new OperationSetup(with, baseDirectory)));
    });
  }

  private @Nullable Operation named(Stage stage, OperationSetup setup) {
    String op = stage.op();
    String executor = workers.executor(stage);
    if (executor != null) {
      return workers.make(
          stage,
          executor,
          setup,
          (message, suggestion) -> missing(stage, ".op", message, suggestion));
    }
    String impl = workflow.registry().operations().get(op);
    if (impl != null) {
      return Implementations.create(impl, Operation.class);
    }
    OperationProvider given = providers.givenOperation(op);
    if (given != null) {
      return given.create(op, setup);
    }
    OperationProvider found = providers.foundOperation(op);
    if (found != null) {
      return found.create(op, setup);
    }
    unknown(stage);
    return null;
  }

  private @Nullable ModifierHooks modifier(
      Stage stage, Kind kind, String path, Modifier modifier, OperationSetup setup) {
    ModifierHooks own = workflow.modifiers().get(modifier.name());
    return own != null
        ? own
        : Repeatedly.make(problems, modifier.params(), params -> {
          Modifier with = new Modifier(modifier.name(), params);
          return make(stage, path, () -> named(stage, kind, path, with, setup));
        });
  }

  private @Nullable ModifierHooks named(
      Stage stage, Kind kind, String path, Modifier modifier, OperationSetup setup) {
    String name = modifier.name();
    String impl = workflow.registry().modifiers().get(name);
    if (impl != null) {
      return Implementations.create(impl, ModifierHooks.class);
    }
    ModifierProvider given = providers.givenModifier(name);
    if (given != null) {
      return given.create(modifier, setup);
    }
    if (BuiltIns.MODIFIERS.contains(name)) {
      return BuiltIns.modifier(modifier, kind);
    }
    ModifierProvider found = providers.foundModifier(name);
    if (found != null) {
      return found.create(modifier, setup);
    }
    SortedSet<String> known = providers.modifierNames();
    known.addAll(BuiltIns.MODIFIERS);
    known.addAll(PythonModifiers.ALWAYS);
    known.addAll(workflow.modifiers().keySet());
    known.addAll(workflow.registry().modifiers().keySet());
    missing(
        stage, path, "there is no modifier named '" + name + "'", Providers.suggest(name, known));
    return null;
  }

  private <T> @Nullable T make(Stage stage, String path, Supplier<@Nullable T> supplier) {
    String wrong;
    try {
      T made = supplier.get();
      return made == null ? null : closer.add(made);
    } catch (Params.Wrong e) {
      e.all().forEach(each -> wrong(stage, path, each));
      return null;
    } catch (Misplaced e) {
      wrong(stage, path, e);
      return null;
    } catch (WorkflowException e) {
      for (Problem each : e.problems()) {
        if (each.path().startsWith("execution.") || each.path().startsWith("pool ")) {
          problems.add(each); // the same for all stages
          continue;
        }
        String at =
            each.path().startsWith("params.") && path.equals(".op") ? "." + each.path() : path;
        problem(stage, at, each.message(), each.suggestion());
      }
      return null;
    } catch (IllegalArgumentException | MusterException e) {
      wrong = String.valueOf(e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      log.debug("stage {}{} cannot be made", stage.id(), path, e);
      wrong = "it cannot be made: " + e;
    }
    problem(stage, path, wrong, null);
    return null;
  }

  private void wrong(Stage stage, String path, IllegalArgumentException e) {
    String at = e instanceof Misplaced misplaced ? ".params." + misplaced.parameter() : path;
    problem(stage, at, String.valueOf(e.getMessage()), null);
  }

  private void missing(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(
        Problem.notInstalled(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }

  private void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }
}
