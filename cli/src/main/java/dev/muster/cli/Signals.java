package dev.muster.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What Ctrl-C and SIGTERM do: the first ends the process in order, through its shutdown hooks, the second at once. Both
 * leave with 128 and the signal's number, 130 for Ctrl-C.
 *
 * <p>The JVM's own handlers do the first half; during a shutdown they only wait for it. That is why these exist. They
 * use {@code sun.misc.Signal}, which every JDK has and none documents, by reflection: the compiler has a warning for it
 * that cannot be turned off. Where it is missing the JVM's handlers stay.
 */
final class Signals {
  private static final int BASE = 128;
  private static final AtomicBoolean ENDING = new AtomicBoolean();

  private Signals() {}

  /** Takes the two signals over. */
  static void install() {
    handle("INT", Signals::received);
    handle("TERM", Signals::received);
  }

  /** Calls {@code resized} whenever the terminal's size changes. */
  static void onResize(Runnable resized) {
    handle("WINCH", number -> resized.run());
  }

  private static void received(int number) {
    if (ENDING.compareAndSet(false, true)) {
      System.exit(BASE + number);
    } else {
      Children.end();
      Runtime.getRuntime().halt(BASE + number);
    }
  }

  private static void handle(String name, IntConsumer action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method number = signal.getMethod("getNumber");
      Object proxy = Proxy.newProxyInstance(
          Signals.class.getClassLoader(),
          new Class<?>[] {handler},
          (self, method, arguments) -> answer(self, method, arguments, number, action));
      Object named = signal.getConstructor(String.class).newInstance(name);
      signal.getMethod("handle", signal, handler).invoke(null, named, proxy);
    } catch (ReflectiveOperationException e) {
      // A JVM started with -Xrs, another system, or no such class.
      LoggerFactory.getLogger(Signals.class).debug("SIG{} stays with the JVM", name, e);
    }
  }

  private static @Nullable Object answer(
      Object self, Method method, Object @Nullable [] arguments, Method number, IntConsumer action)
      throws ReflectiveOperationException {
    if (method.getDeclaringClass() == Object.class || arguments == null) {
      return switch (method.getName()) {
        case "equals" -> arguments != null && self == arguments[0];
        case "hashCode" -> System.identityHashCode(self);
        default -> "signal handler";
      };
    }
    action.accept((int) number.invoke(arguments[0]));
    return null;
  }
}
