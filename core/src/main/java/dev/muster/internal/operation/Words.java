package dev.muster.internal.operation;

import dev.muster.error.MusterException;
import dev.muster.internal.process.SystemText;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.value.JsonValues;
import dev.muster.value.NumericArray;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns values into the words of a command. */
final class Words {
  private Words() {}

  /**
   * Returns a value as words: a list is one word for each item, anything else a single one. Text stands for itself, a
   * file for its path, what is nested for its JSON, in which files are their paths.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it has no text
   */
  static List<String> of(@Nullable Object value, String what) {
    Object readable = readable(value, what);
    if (readable instanceof List<?> items) {
      return items.stream()
          .map(item -> word(readable(item, what), what))
          .collect(Collectors.toList());
    }
    return List.of(word(readable, what));
  }

  /**
   * Returns what a command reads of a value.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it is one of Python's that has no encoding
   */
  static @Nullable Object readable(@Nullable Object value, String what) {
    try {
      return PythonValue.readable(value, what);
    } catch (ValueException e) {
      throw new TaskException(FailureKind.SERIALIZATION, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Returns a part of a value.
   *
   * @param path keys of mappings, each after a dot; empty for the value itself
   * @param what the value in words, for messages
   * @throws TaskException if there is no such part
   */
  static @Nullable Object inside(@Nullable Object value, String path, String what) {
    Object part = value;
    for (String step :
        path.isEmpty() ? List.<String>of() : List.of(path.substring(1).split("\\.", -1))) {
      Map<?, ?> map = PythonValue.named(part);
      if (part instanceof PythonValue && map == null) {
        part = readable(part, what); // which says why there are none
      }
      if (map == null || !map.containsKey(step)) {
        throw new TaskException(
            FailureKind.OPERATION,
            "there is nothing for " + what + ": no '" + step + "' in "
                + (map != null ? map.keySet() : "a single value"),
            null);
      }
      part = map.get(step);
    }
    return part;
  }

  private static String word(@Nullable Object value, String what) {
    String word;
    if (value == null) {
      word = "";
    } else if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      word = value.toString();
    } else if (value instanceof FileRef file) {
      word = file.path().toString();
    } else if (value instanceof Path path) {
      word = path.toAbsolutePath().toString();
    } else if (value instanceof byte[] || value instanceof NumericArray) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          what + " is " + (value instanceof byte[] ? "bytes" : "an array")
              + ", which a command cannot take as a word; write them to a file and pass" + " that",
          null);
    } else {
      word = json(value, what);
    }
    if (word.indexOf('\0') >= 0) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          what + " holds a NUL character, which a command cannot take",
          null);
    }
    return word;
  }

  private static String json(Object value, String what) {
    try {
      return JsonValues.text(value, what);
    } catch (ValueException e) {
      throw new TaskException(FailureKind.SERIALIZATION, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Returns a dataset's file as a command can use it from any folder: a URL or an absolute path as it is, a relative
   * one from the workflow's folder.
   */
  static String file(String file, Path baseDirectory) {
    return file.contains("://") || file.startsWith("/")
        ? file
        : resolve(baseDirectory, file).toString();
  }

  /**
   * Returns a file or folder by its name.
   *
   * @throws TaskException if the system's encoding has no such name
   */
  static Path resolve(Path folder, String name) {
    try {
      return SystemText.resolve(folder, name).normalize();
    } catch (MusterException e) {
      throw new TaskException(FailureKind.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }
  }
}
