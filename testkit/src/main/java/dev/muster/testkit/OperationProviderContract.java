package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Operation;
import java.lang.reflect.Modifier;
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
 * What every operation provider must do, as tests: extend it, say which provider, and give a context in which each
 * operation succeeds.
 *
 * <pre>{@code
 * class MyOperationsTest extends OperationProviderContract {
 *   @Override
 *   protected OperationProvider provider() {
 *     return new MyOperations();
 *   }
 *
 *   @Override
 *   protected void prepare(String operation, FakeContext.Builder context) {
 *     context.param("factor", 2).input("Numbers", List.of(1, 2, 3));
 *   }
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 *
 * @since 0.1
 */
public abstract class OperationProviderContract {
  /** A folder for the outputs of operations. */
  @TempDir
  protected @Nullable Path folder;

  private final AtomicInteger tasks = new AtomicInteger();

  /** Creates the tests. */
  protected OperationProviderContract() {}

  /** Returns a new provider to test. */
  protected abstract OperationProvider provider();

  /** Adds parameters and inputs with which {@code operation} succeeds. */
  protected abstract void prepare(String operation, FakeContext.Builder context);

  /** Checks what {@code operation} returned. Default: nothing. */
  protected void check(String operation, @Nullable Object output) {}

  /** Tells whether the provider is found by ServiceLoader. Default: true. */
  protected boolean registered() {
    return true;
  }

  private FakeContext context(String operation) {
    FakeContext.Builder context = FakeContext.builder(operation);
    if (folder != null) {
      // Each task has a folder of its own.
      context
          .baseDirectory(folder)
          .outputDirectory(folder.resolve("outputs-" + tasks.incrementAndGet()));
    }
    prepare(operation, context);
    return context.build();
  }

  private Stream<DynamicTest> each(Consumer<String> test) {
    return provider().names().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> test.accept(name)));
  }

  private void using(String name, OperationUse use) {
    FakeContext context = context(name);
    assertThatCode(() -> {
          Operation made =
              provider().create(name, new OperationSetup(context.stage(), context.baseDirectory()));
          assertThat(made).as("operation %s", name).isNotNull();
          try {
            use.accept(made, context);
          } finally {
            if (made instanceof AutoCloseable closeable) {
              closeable.close();
              closeable.close(); // idempotent
            }
          }
        })
        .doesNotThrowAnyException();
  }

  /** What a test does with an operation. */
  private interface OperationUse {
    void accept(Operation operation, FakeContext context) throws Exception;
  }

  @Test
  void namesItsOperationsAlwaysTheSame() {
    assertThat(provider().names())
        .isNotEmpty()
        .isEqualTo(provider().names())
        .allSatisfy(name -> assertThat(name).isNotBlank().doesNotContainAnyWhitespaces());
  }

  @Test
  void canBeFoundByItsName() {
    if (registered()) {
      Class<? extends OperationProvider> type = provider().getClass();
      assertThat(Modifier.isPublic(type.getModifiers()))
          .as("%s is public", type)
          .isTrue();
      List<Class<?>> found = ServiceLoader.load(OperationProvider.class).stream()
          .<Class<?>>map(ServiceLoader.Provider::type)
          .toList();
      assertThat(found).as("META-INF/services, or provides in module-info.java").contains(type);
    }
  }

  @TestFactory
  Stream<DynamicTest> eachOperationSucceeds() {
    return each(name -> using(name, (operation, context) -> check(name, operation.run(context))));
  }

  @TestFactory
  Stream<DynamicTest> eachOperationServesSeveralThreads() {
    return each(name -> using(name, (operation, context) -> {
      for (Object output : ConcurrentCalls.make(() -> operation.run(context(name)))) {
        check(name, output);
      }
    }));
  }

  @TestFactory
  Stream<DynamicTest> eachStageHasItsOwn() {
    return each(name -> using(
        name,
        (first, context) -> using(name, (second, other) -> {
          check(name, first.run(context));
          check(name, second.run(other));
        })));
  }
}
