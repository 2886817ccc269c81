package dev.muster.code;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of one stage run, resolved and checked before any backend opens. Immutable; as thread-safe as the
 * operation and the modifiers in it, which have to be.
 *
 * @since 0.1
 */
public sealed interface StageCode permits JavaCode, PythonCode, ShellCode {
  /** What kinds of code there are. */
  enum Kind {
    /** An operation in Java, which runs in this JVM. */
    JAVA,
    /** A function in Python. */
    PYTHON,
    /** A command. */
    SHELL
  }

  /** Returns the kind. */
  Kind kind();

  /** Returns what is around the operation. */
  Surroundings around();

  /**
   * Returns it as JSON has it. What carries out Python code or a command needs nothing else; of Java code it holds
   * names and parameters.
   */
  Map<String, @Nullable Object> json();

  /**
   * Returns a stable hash of what it means: 64 hexadecimal digits. Two stages of one fingerprint do the same with the
   * same inputs, as far as can be known.
   *
   * <p>What enters: the kind; the operation's name, callable or compiled command; parameters; modifiers by name,
   * implementation and parameters; the image's name; environment variables by name and value (the hash shows no value);
   * extra data. What does not: the text of Python modules, the classes of Java code, the contents of images and files,
   * the stage's id, and where it runs.
   */
  default String fingerprint() {
    return Fingerprint.of(this);
  }
}
