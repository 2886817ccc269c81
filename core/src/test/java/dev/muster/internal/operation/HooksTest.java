package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Stage;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HooksTest {
  private final List<String> calls = new ArrayList<>();
  private final FakeContext context =
      new FakeContext(Stage.builder("Fit").op("x").build(), Path.of("target"));

  /** Notes what is called, and fails where it is told to. */
  private final class Noting implements ModifierHooks {
    private final String name;
    private final String failing;

    Noting(String name, String failing) {
      this.name = name;
      this.failing = failing;
    }

    private void note(String hook) throws Exception {
      calls.add(name + "." + hook);
      if (hook.equals(failing)) {
        throw new IllegalStateException(name + "." + hook);
      }
    }

    @Override
    public void beforeNode(OperationContext context) throws Exception {
      note("before");
    }

    @Override
    public @Nullable Object aroundNode(OperationContext context, Operation operation)
        throws Exception {
      note("around");
      Object output = operation.run(context);
      note("around end");
      return name + "(" + output + ")";
    }

    @Override
    public @Nullable Object afterNode(OperationContext context, @Nullable Object output)
        throws Exception {
      note("after");
      return output + name;
    }

    @Override
    public void onNodeError(OperationContext context, Throwable error) throws Exception {
      note("error");
    }
  }

  private ModifierHooks noting(String name) {
    return new Noting(name, "");
  }

  private @Nullable Object run(Operation operation, ModifierHooks... hooks) throws Exception {
    return Hooks.run(new LocalCode(operation, List.of(hooks), Map.of()), context);
  }

  private final Operation operation = context -> {
    calls.add("run");
    return "out";
  };

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  @Test
  void entersInOrderAndLeavesInReverse() throws Exception {
    assertThat(run(operation, noting("a"), noting("b"))).isEqualTo("a(b(out))ba");
    assertThat(calls)
        .containsExactly(
            "a.before",
            "b.before",
            "a.around",
            "b.around",
            "run",
            "b.around end",
            "a.around end",
            "b.after",
            "a.after");
  }

  @Test
  void runsThePlainOperationWithoutAllocating() throws Exception {
    LocalCode code = new LocalCode(context -> null, List.of(), Map.of());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      Hooks.run(code, context);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10_000; i++) {
      Hooks.run(code, context);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
  }

  @Test
  void defaultHooksChangeNothing() throws Exception {
    assertThat(run(operation, new ModifierHooks() {})).isEqualTo("out");
  }

  @Test
  void refusesAModifierThatDoesNotCallTheOperation() {
    ModifierHooks forgetful = new ModifierHooks() {
      @Override
      public @Nullable Object aroundNode(OperationContext context, Operation operation) {
        return operation;
      }
    };
    assertThatThrownBy(() -> run(operation, forgetful))
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.OPERATION))
        .hasMessageContaining("did not call operation.run(context)");
    assertThat(calls).isEmpty();
  }

  @Test
  void passesOnANullOutput() throws Exception {
    assertThat(run(context -> null, new ModifierHooks() {})).isNull();
  }

  @Test
  void tellsAllInReverseWhenTheOperationFails() {
    Operation failing = context -> {
      throw new java.io.IOException("no");
    };
    assertThatThrownBy(() -> run(failing, noting("a"), noting("b")))
        .isInstanceOf(java.io.IOException.class)
        .hasNoSuppressedExceptions();
    assertThat(calls)
        .containsExactly("a.before", "b.before", "a.around", "b.around", "b.error", "a.error");
  }

  @Test
  void tellsOnlyThoseThatHadEntered() {
    assertThatThrownBy(() -> run(operation, noting("a"), new Noting("b", "before"), noting("c")))
        .hasMessage("b.before");
    assertThat(calls).containsExactly("a.before", "b.before", "a.error");
  }

  @Test
  void tellsNobodyWhenTheFirstDoesNotEnter() {
    assertThatThrownBy(() -> run(operation, new Noting("a", "before"), noting("b")))
        .hasMessage("a.before");
    assertThat(calls).containsExactly("a.before");
  }

  @Test
  void tellsAllWhenAnAfterFails() {
    assertThatThrownBy(() -> run(operation, noting("a"), new Noting("b", "after")))
        .hasMessage("b.after");
    assertThat(calls).endsWith("b.after", "b.error", "a.error").doesNotContain("a.after");
  }

  @Test
  void tellsAllWhenAnAroundFails() {
    assertThatThrownBy(() -> run(operation, noting("a"), new Noting("b", "around")))
        .hasMessage("b.around");
    assertThat(calls).endsWith("b.around", "b.error", "a.error").doesNotContain("run");
  }

  @Test
  void addsWhatErrorHooksThrowAsSuppressedAndGoesOn() {
    Operation failing = context -> {
      throw new IllegalArgumentException("first");
    };
    assertThatThrownBy(() -> run(failing, new Noting("a", "error"), new Noting("b", "error")))
        .hasMessage("first")
        .satisfies(error -> assertThat(error.getSuppressed())
            .extracting(Throwable::getMessage)
            .containsExactly("b.error", "a.error"));
  }

  @Test
  void doesNotSuppressAnErrorInItself() {
    ModifierHooks rethrowing = new ModifierHooks() {
      @Override
      public void onNodeError(OperationContext context, Throwable error) throws Exception {
        throw (Exception) error;
      }
    };
    Operation failing = context -> {
      throw new IllegalArgumentException("first");
    };
    assertThatThrownBy(() -> run(failing, rethrowing))
        .hasMessage("first")
        .hasNoSuppressedExceptions();
  }

  @Test
  void tellsOfErrorsThatAreNotExceptions() {
    Operation failing = context -> {
      throw new StackOverflowError("deep");
    };
    assertThatThrownBy(() -> run(failing, noting("a"))).isInstanceOf(StackOverflowError.class);
    assertThat(calls).endsWith("a.error");
  }

  @Test
  void letsAnInterruptThrough() {
    Operation waiting = context -> {
      Thread.currentThread().interrupt();
      Thread.sleep(10_000);
      return null;
    };
    assertThatThrownBy(() -> run(waiting, noting("a"))).isInstanceOf(InterruptedException.class);
    assertThat(calls).endsWith("a.error");
  }

  @Test
  void keepsAnInterruptThatAnErrorHookSaw() {
    ModifierHooks interrupted = new ModifierHooks() {
      @Override
      public void onNodeError(OperationContext context, Throwable error) throws Exception {
        throw new InterruptedException("while cleaning up");
      }
    };
    Operation failing = context -> {
      throw new IllegalArgumentException("first");
    };
    assertThatThrownBy(() -> run(failing, interrupted)).hasMessage("first");
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }
}
