package dev.muster.internal.operation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/** Makes instances of the classes that a registry names as {@code java:com.acme.Train}. */
final class Implementations {
  private static final String JAVA = "java:";

  private Implementations() {}

  /** Tells whether an implementation is a Java class; otherwise it is Python. */
  static boolean isJava(String impl) {
    return impl.startsWith(JAVA);
  }

  /**
   * Makes an instance.
   *
   * @throws IllegalArgumentException if there is no such class or it cannot be used; the message says how to put it
   *     right
   */
  static <T> T create(String impl, Class<T> type) {
    String name = impl.substring(JAVA.length());
    Class<?> found = find(name);
    if (!type.isAssignableFrom(found)) {
      throw new IllegalArgumentException("class " + name + " does not implement " + type.getName());
    }
    if (!Modifier.isPublic(found.getModifiers()) || Modifier.isAbstract(found.getModifiers())) {
      throw new IllegalArgumentException("class " + name + " must be public and not abstract");
    }
    try {
      return type.cast(found.getConstructor().newInstance());
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(
          "class " + name + " needs a public constructor without parameters", e);
    } catch (IllegalAccessException e) {
      throw new IllegalArgumentException(
          "class " + name + " cannot be reached: its module must export package "
              + found.getPackageName() + " (exports or opens in module-info.java)",
          e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "the constructor of class " + name + " failed: " + e.getCause(), e);
    } catch (InstantiationException | LinkageError e) {
      throw new IllegalArgumentException("class " + name + " cannot be made: " + e, e);
    }
  }

  private static Class<?> find(String name) {
    @Nullable Class<?> found = find(name, Thread.currentThread().getContextClassLoader());
    if (found == null) {
      found = find(name, Implementations.class.getClassLoader());
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "class " + name + " was not found; is its jar on the class path or module path?");
    }
    return found;
  }

  private static @Nullable Class<?> find(String name, @Nullable ClassLoader loader) {
    if (loader == null) {
      return null;
    }
    try {
      return Class.forName(name, true, loader);
    } catch (ClassNotFoundException e) {
      return null;
    } catch (LinkageError e) {
      throw new IllegalArgumentException("class " + name + " cannot be loaded: " + e, e);
    }
  }
}
