package dev.muster.internal.operation;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.internal.discovery.Providers;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
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
 * <p>A name means, in this order: the stage's own Java code, the workflow's, its registry's, that of a provider given as an instance, a built-in one, that
 * of a provider found. Not thread-safe.
 */
final class Resolver {
  private static final Logger log = LoggerFactory.getLogger(Resolver.class);

  private final Workflow workflow;
  private final Providers providers;
  private final BuiltIns builtIns;
  private final Path baseDirectory;
  private final Closer closer;
  private final List<Problem> problems;

  Resolver(
      Workflow workflow,
      Providers providers,
      BuiltIns builtIns,
      Path baseDirectory,
      Closer closer,
      List<Problem> problems) {
    this.workflow = workflow;
    this.providers = providers;
    this.builtIns = builtIns;
    this.baseDirectory = baseDirectory;
    this.closer = closer;
    this.problems = problems;
  }

  /** Returns what the stage's tasks run, or null after adding a problem. */
  @Nullable
  StageCode resolve(Stage stage) {
    int before = problems.size();
    Container container = container(stage);
    Map<String, String> variables = variables(stage);
    OperationSetup setup = new OperationSetup(stage, baseDirectory);
    List<ModifierHooks> hooks = new ArrayList<>();
    List<PythonModifier> pythonModifiers = new ArrayList<>();
    for (int i = 0; i < stage.modifiers().size(); i++) {
      String path = ".execution.modifiers[" + i + "]";
      Modifier modifier = stage.modifiers().get(i);
      String impl = pythonImpl(modifier);
      if (impl == null) {
        ModifierHooks made = modifier(stage, path, modifier, setup);
        if (made != null) {
          hooks.add(made);
        }
        if (!pythonModifiers.isEmpty()) {
          problem(
              stage,
              path,
              "the Java modifier '" + modifier.name() + "' comes after the Python modifier '"
                  + pythonModifiers.get(0).name() + "', but can only run around it",
              "list Java modifiers first");
        }
      } else {
        PythonModifier made = make(
            stage,
            path,
            () -> new PythonModifier(
                modifier.name(), PythonCode.check(impl, "the implementation"), modifier.params()));
        if (made != null) {
          pythonModifiers.add(made);
        }
      }
    }
    Operation operation = operation(stage, setup, pythonModifiers, variables, container);
    if (operation == null || problems.size() > before) {
      return null;
    }
    return new StageCode(operation, hooks, variables);
  }

  /** Adds what is wrong with a stage whose tasks run in another process: its variables, its command, its callables. */
  void check(Stage stage) {
    Map<String, String> read = variables(stage);
    log.trace("stage {} has the variables {}", stage.id(), read.keySet());
    for (int i = 0; i < stage.modifiers().size(); i++) {
      String impl = pythonImpl(stage.modifiers().get(i));
      if (impl != null) {
        attempt(
            stage,
            ".execution.modifiers[" + i + "]",
            () -> PythonCode.check(impl, "the implementation"));
      }
    }
    String image = stage.environment().image();
    if (isPython(stage)) {
      attempt(stage, ".op", () -> pythonCode(stage));
    } else if (isShell(stage)) {
      attempt(stage, ".op", () -> ShellCommand.parse(new OperationSetup(stage, baseDirectory)));
      if (image != null) {
        attempt(stage, ".environment.image", () -> {
          ContainerImage.checkName(image);
          return image;
        });
      }
    }
  }

  private void attempt(Stage stage, String path, Supplier<Object> supplier) {
    Object made = make(stage, path, supplier);
    log.trace("stage {}{} is {}", stage.id(), path, made == null ? "wrong" : "right");
  }

  private @Nullable Container container(Stage stage) {
    String image = stage.environment().image();
    if (image == null) {
      return null;
    }
    if (!isShell(stage)) {
      problem(
          stage,
          ".environment.image",
          "the stage asks for the container image '" + image + "', but only the operation shell"
              + " runs in containers, not " + (isPython(stage) ? "Python" : "Java") + " code",
          "remove 'image', or write the stage as a shell command, for example: python3 train.py");
      return null;
    }
    return make(stage, ".environment.image", () -> builtIns.container(image, baseDirectory));
  }

  private boolean isShell(Stage stage) {
    return stage.op().equals(BuiltIns.SHELL)
        && ownCode(stage) == null
        && !workflow.registry().operations().containsKey(BuiltIns.SHELL)
        && providers.givenOperation(BuiltIns.SHELL) == null;
  }

  private Map<String, String> variables(Stage stage) {
    return variables(stage, baseDirectory, problems);
  }

  /** Returns a stage's environment variables, those of its file read. */
  static Map<String, String> variables(Stage stage, Path baseDirectory, List<Problem> problems) {
    Variables variables = stage.environment().variables();
    if (variables instanceof Variables.EnvFile file) {
      return EnvFile.read(
          baseDirectory.resolve(file.path()),
          "stage " + stage.id() + ".environment.variables",
          stage.location(),
          problems);
    }
    return ((Variables.Values) variables).values();
  }

  private @Nullable Operation operation(
      Stage stage,
      OperationSetup setup,
      List<PythonModifier> modifiers,
      Map<String, String> variables,
      @Nullable Container container) {
    if (isPython(stage)) {
      return make(
          stage, ".op", () -> builtIns.python(pythonCode(stage), modifiers, setup, variables));
    }
    if (!modifiers.isEmpty()) {
      problem(
          stage,
          ".execution.modifiers",
          "the modifier '" + modifiers.get(0).name() + "' is Python, the operation '" + stage.op()
              + "' is not",
          "Python modifiers run inside the process of a Python operation");
    }
    Operation own = ownCode(stage);
    return own != null ? own : make(stage, ".op", () -> named(stage, setup, container));
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

  private PythonCode pythonCode(Stage stage) {
    String impl = workflow.registry().operations().get(stage.op());
    return impl == null
        ? PythonCode.parse(stage.params())
        : new PythonCode(
            PythonCode.check(impl, "the implementation of " + stage.op()),
            List.of(),
            stage.params());
  }

  private @Nullable Operation named(
      Stage stage, OperationSetup setup, @Nullable Container container) {
    String op = stage.op();
    String impl = workflow.registry().operations().get(op);
    if (impl != null) {
      return Implementations.create(impl, Operation.class);
    }
    OperationProvider given = providers.givenOperation(op);
    if (given != null) {
      return given.create(op, setup);
    }
    if (op.equals(BuiltIns.SHELL)) {
      return builtIns.shell(setup, container);
    }
    OperationProvider found = providers.foundOperation(op);
    if (found != null) {
      return found.create(op, setup);
    }
    SortedSet<String> known = providers.operationNames();
    known.addAll(BuiltIns.OPERATIONS);
    known.addAll(workflow.operations().keySet());
    known.addAll(workflow.registry().operations().keySet());
    missing(stage, ".op", "there is no operation named '" + op + "'", Providers.suggest(op, known));
    return null;
  }

  private @Nullable String pythonImpl(Modifier modifier) {
    if (workflow.modifiers().containsKey(modifier.name())) {
      return null;
    }
    String impl = workflow.registry().modifiers().get(modifier.name());
    return impl == null || Implementations.isJava(impl) ? null : impl;
  }

  private @Nullable ModifierHooks modifier(
      Stage stage, String path, Modifier modifier, OperationSetup setup) {
    ModifierHooks own = workflow.modifiers().get(modifier.name());
    return own != null ? own : make(stage, path, () -> named(stage, path, modifier, setup));
  }

  private @Nullable ModifierHooks named(
      Stage stage, String path, Modifier modifier, OperationSetup setup) {
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
      return BuiltIns.modifier(modifier);
    }
    ModifierProvider found = providers.foundModifier(name);
    if (found != null) {
      return found.create(modifier, setup);
    }
    SortedSet<String> known = providers.modifierNames();
    known.addAll(BuiltIns.MODIFIERS);
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
    } catch (IllegalArgumentException | MusterException e) {
      wrong = String.valueOf(e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      log.debug("stage {}{} cannot be made", stage.id(), path, e);
      wrong = "it cannot be made: " + e;
    }
    problem(stage, path, wrong, null);
    return null;
  }

  private void missing(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(
        Problem.notInstalled(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }

  private void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }
}
