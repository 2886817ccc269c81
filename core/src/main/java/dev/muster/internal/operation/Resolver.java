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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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
  private final Path baseDirectory;
  private final Closer closer;
  private final List<Problem> problems;

  Resolver(
      Workflow workflow,
      Providers providers,
      Path baseDirectory,
      Closer closer,
      List<Problem> problems) {
    this.workflow = workflow;
    this.providers = providers;
    this.baseDirectory = baseDirectory;
    this.closer = closer;
    this.problems = problems;
  }

  /** Returns what the stage's tasks run, or null after adding a problem. */
  @Nullable
  StageCode resolve(Stage stage) {
    int before = problems.size();
    Map<String, String> variables = variables(stage);
    OperationSetup setup = new OperationSetup(stage, baseDirectory);
    Operation operation = operation(stage, setup);
    List<ModifierHooks> hooks = new ArrayList<>();
    for (int i = 0; i < stage.modifiers().size(); i++) {
      ModifierHooks made = modifier(stage, i, setup);
      if (made != null) {
        hooks.add(made);
      }
    }
    if (operation == null || problems.size() > before) {
      return null;
    }
    return new StageCode(operation, hooks, variables);
  }

  private Map<String, String> variables(Stage stage) {
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

  private @Nullable Operation operation(Stage stage, OperationSetup setup) {
    String op = stage.op();
    if (stage.operation() != null) {
      return stage.operation();
    }
    Operation registered = workflow.operations().get(op);
    if (registered != null) {
      return registered;
    }
    return make(stage, ".op", () -> {
      String impl = workflow.registry().operations().get(op);
      if (impl != null) {
        return Implementations.create(impl, Operation.class);
      }
      OperationProvider provider = providers.givenOperation(op);
      if (provider == null) {
        provider = providers.foundOperation(op);
      }
      if (provider != null) {
        return provider.create(op, setup);
      }
      unknown(
          stage,
          ".op",
          "operation",
          op,
          names(
              workflow.operations(), workflow.registry().operations(), providers.operationNames()));
      return null;
    });
  }

  private @Nullable ModifierHooks modifier(Stage stage, int index, OperationSetup setup) {
    Modifier modifier = stage.modifiers().get(index);
    String name = modifier.name();
    String path = ".execution.modifiers[" + index + "]";
    ModifierHooks registered = workflow.modifiers().get(name);
    if (registered != null) {
      return registered;
    }
    return make(stage, path, () -> {
      String impl = workflow.registry().modifiers().get(name);
      if (impl != null) {
        return Implementations.create(impl, ModifierHooks.class);
      }
      ModifierProvider provider = providers.givenModifier(name);
      if (provider == null) {
        provider = providers.foundModifier(name);
      }
      if (provider != null) {
        return provider.create(modifier, setup);
      }
      unknown(
          stage,
          path,
          "modifier",
          name,
          names(workflow.modifiers(), workflow.registry().modifiers(), providers.modifierNames()));
      return null;
    });
  }

  private <T extends Object> @Nullable T make(
      Stage stage, String path, Supplier<@Nullable T> supplier) {
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
    problems.add(new Problem(stage.location(), "stage " + stage.id() + path, wrong, null));
    return null;
  }

  private void unknown(
      Stage stage, String path, String kind, String name, Collection<String> known) {
    problems.add(new Problem(
        stage.location(),
        "stage " + stage.id() + path,
        "there is no " + kind + " named '" + name + "'",
        Providers.suggest(name, known)));
  }

  private static Collection<String> names(
      Map<String, ?> code, Map<String, String> registry, Collection<String> provided) {
    TreeSet<String> names = new TreeSet<>(provided);
    names.addAll(code.keySet());
    names.addAll(registry.keySet());
    return names;
  }
}
