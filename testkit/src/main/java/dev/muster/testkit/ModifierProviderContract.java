package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.OperationContext;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every modifier provider must do, as tests: extend it and say which provider.
 *
 * <p>A modifier that changes outputs overrides {@link #check}; one that needs parameters, {@link #modifier}. Not
 * thread-safe.
 *
 * @since 0.1
 */
public abstract class ModifierProviderContract {
  /** What the operation under the modifier returns. */
  protected static final String OUTPUT = "output of the operation";

  /** A folder for the outputs of operations. */
  @TempDir
  protected @Nullable Path folder;

  private final AtomicInteger tasks = new AtomicInteger();

  /** Creates the tests. */
  protected ModifierProviderContract() {}

  /** Returns a new provider to test. */
  protected abstract ModifierProvider provider();

  /** Returns the modifier as a stage would name it. Default: without parameters. */
  protected Modifier modifier(String name) {
    return Modifier.of(name);
  }

  /** Checks what came out of an operation that returned {@link #OUTPUT}. Default: just that. */
  protected void check(String name, @Nullable Object output, FakeContext context) {
    assertThat(output).isEqualTo(OUTPUT);
  }

  /** Tells whether the provider is found by ServiceLoader. Default: true. */
  protected boolean registered() {
    return true;
  }

  private FakeContext context() {
    FakeContext.Builder context = FakeContext.builder("Stage");
    if (folder != null) {
      // Each task has a folder of its own.
      context
          .baseDirectory(folder)
          .outputDirectory(folder.resolve("outputs-" + tasks.incrementAndGet()));
    }
    return context.build();
  }

  private Stream<DynamicTest> each(Consumer<String> test) {
    return provider().names().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> test.accept(name)));
  }

  private void using(String name, HooksUse use) {
    FakeContext context = context();
    assertThatCode(() -> {
          ModifierHooks made = provider()
              .create(modifier(name), new OperationSetup(context.stage(), context.baseDirectory()));
          assertThat(made).as("modifier %s", name).isNotNull();
          try {
            use.accept(made);
          } finally {
            if (made instanceof AutoCloseable closeable) {
              closeable.close();
              closeable.close(); // idempotent
            }
          }
        })
        .doesNotThrowAnyException();
  }

  /** What a test does with the hooks. */
  private interface HooksUse {
    void accept(ModifierHooks hooks) throws Exception;
  }

  private static @Nullable Object around(ModifierHooks hooks, OperationContext context)
      throws Exception {
    hooks.beforeNode(context);
    Object output = hooks.aroundNode(context, inner -> OUTPUT);
    return hooks.afterNode(context, output);
  }

  @Test
  void namesItsModifiersAlwaysTheSame() {
    assertThat(provider().names())
        .isNotEmpty()
        .isEqualTo(provider().names())
        .allSatisfy(name -> assertThat(name).isNotBlank().doesNotContainAnyWhitespaces());
  }

  @Test
  void canBeFoundByItsName() {
    if (registered()) {
      List<Class<?>> found = ServiceLoader.load(ModifierProvider.class).stream()
          .<Class<?>>map(ServiceLoader.Provider::type)
          .toList();
      assertThat(found)
          .as("META-INF/services, or provides in module-info.java")
          .contains(provider().getClass());
    }
  }

  @TestFactory
  Stream<DynamicTest> eachModifierPassesTheOutputOn() {
    return each(name -> using(name, hooks -> {
      FakeContext context = context();
      check(name, around(hooks, context), context);
    }));
  }

  @TestFactory
  Stream<DynamicTest> eachModifierPassesFailuresOn() {
    return each(name -> using(name, hooks -> {
      FakeContext context = context();
      IllegalStateException error = new IllegalStateException("on purpose");
      hooks.beforeNode(context);
      assertThatThrownBy(() -> hooks.aroundNode(context, inner -> {
            throw error;
          }))
          .isSameAs(error);
      hooks.onNodeError(context, error);
    }));
  }

  @TestFactory
  Stream<DynamicTest> eachModifierServesSeveralThreads() {
    return each(name -> using(
        name,
        hooks -> ConcurrentCalls.make(() -> {
          FakeContext context = context();
          check(name, around(hooks, context), context);
          return context;
        })));
  }
}
