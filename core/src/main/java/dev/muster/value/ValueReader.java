package dev.muster.value;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one value from JSON. Not thread-safe. */
final class ValueReader {
  private final JsonParser json;
  private final boolean marked;
  private int depth;
  private int files; // that were read so far

  /**
   * @param marked whether objects may be marks, as {@link ValueEncoding} writes them; otherwise every object is a map
   */
  ValueReader(JsonParser json, boolean marked) {
    this.json = json;
    this.marked = marked;
  }

  /** Reads the only value that there is. */
  @Nullable
  Object read() {
    if (json.nextToken() == null) {
      throw new ValueException("there is no JSON value", null);
    }
    Object value = value();
    if (json.nextToken() != null) {
      throw new ValueException("there is more text after the JSON value", null);
    }
    return value;
  }

  private @Nullable Object value() {
    JsonToken token = json.currentToken();
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> text(json.getString());
      case VALUE_NUMBER_FLOAT -> decimal();
      case VALUE_NUMBER_INT ->
        switch (json.getNumberType()) {
          case INT, LONG -> json.getLongValue();
          default -> json.getBigIntegerValue();
        };
      case START_ARRAY -> {
        enter();
        List<@Nullable Object> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          items.add(value());
        }
        depth--;
        yield Collections.unmodifiableList(items);
      }
      case START_OBJECT -> object();
      default -> throw new ValueException("unexpected " + token + " in JSON", null);
    };
  }

  private double decimal() {
    double number = json.getDoubleValue();
    if (Double.isInfinite(number) && json.getString().matches("-?[0-9].*")) {
      throw new ValueException(
          "the number " + json.getString() + " is larger than a double can be", null);
    }
    return number;
  }

  private static String text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new ValueException(
              "the text '" + text.substring(0, i)
                  + String.format("\\u%04x", (int) text.charAt(i))
                  + "' has half a character",
              null);
        }
        i++;
      }
    }
    return text;
  }

  private void enter() {
    // Encoded values are nested in messages, so those have a limit of their own.
    if (++depth > ValueEncoding.MAX_DEPTH && !marked) {
      throw new ValueException("it is nested more than " + ValueEncoding.MAX_DEPTH + " deep", null);
    }
  }

  private Object object() {
    enter();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      String key = text(name);
      if (marked && name.startsWith("$")) {
        if (!name.startsWith("$$")) {
          return mark(name, map.isEmpty());
        }
        key = name.substring(1);
      }
      json.nextToken();
      int size = map.size();
      map.put(key, value());
      if (map.size() == size) {
        throw new ValueException("the key '" + key + "' is there twice", null);
      }
    }
    depth--;
    return Collections.unmodifiableMap(map);
  }

  private Object mark(String name, boolean first) {
    json.nextToken();
    Object value;
    try {
      value = switch (name) {
        case ValueWriter.BYTES -> json.getBinaryValue();
        case ValueWriter.FILE -> file();
        case ValueWriter.ARRAY -> array();
        case ValueWriter.PYTHON -> python();
        default ->
          throw new ValueException(
              "the mark '" + name + "' is not known; a key that begins with $ is written with $$",
              null);
      };
    } catch (IllegalArgumentException | tools.jackson.core.JacksonException e) {
      throw new ValueException("the mark '" + name + "' is damaged: " + e.getMessage(), e);
    }
    if (!first || json.nextToken() != JsonToken.END_OBJECT) {
      throw new ValueException(
          "the mark '" + name + "' is not alone in its object; a key that begins with $ is written"
              + " with $$",
          null);
    }
    depth--;
    return value;
  }

  private FileRef file() {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("its value is no text");
    }
    String name = text(json.getString());
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      if (name.chars().allMatch(c -> c < 0x80)) {
        throw e;
      }
      throw new ValueException(
          "the file name '" + name
              + "' has letters that the encoding of names which Java was started with does not have ("
              + System.getProperty("sun.jnu.encoding")
              + "); start it under a UTF-8 locale that is installed, for example LC_ALL=C.UTF-8",
          e);
    }
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("the path " + path + " is not absolute");
    }
    files++;
    return FileRef.of(path);
  }

  private NumericArray array() {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    expect(json.nextToken(), JsonToken.VALUE_STRING);
    NumericArray.Type type = NumericArray.Type.of(json.getString());
    expect(json.nextToken(), JsonToken.START_ARRAY);
    List<Integer> shape = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT);
      shape.add(json.getIntValue());
    }
    expect(json.nextToken(), JsonToken.VALUE_STRING);
    byte[] bytes = json.getBinaryValue();
    expect(json.nextToken(), JsonToken.END_ARRAY);
    return new NumericArray(type, shape, bytes);
  }

  private PythonValue python() {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    json.nextToken();
    int before = files;
    Object encoded = value();
    String reason = null;
    if (json.nextToken() != JsonToken.VALUE_NULL) {
      expect(json.currentToken(), JsonToken.VALUE_STRING);
      reason = text(json.getString());
    }
    expect(json.nextToken(), JsonToken.VALUE_STRING);
    String way = json.getString();
    expect(json.nextToken(), JsonToken.VALUE_STRING);
    byte[] pickle = json.getBinaryValue();
    expect(json.nextToken(), JsonToken.END_ARRAY);
    return new PythonValue(encoded, reason, way, pickle, files > before);
  }

  private static void expect(@Nullable JsonToken seen, JsonToken wanted) {
    if (seen != wanted) {
      throw new IllegalArgumentException("it has " + seen + " in the place of " + wanted);
    }
  }
}
