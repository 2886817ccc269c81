package dev.muster.internal.json;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Values as JSON: what JSON has no word for is {@code {"$bytes": base64}}, {@code {"$file": path}}, {@code NaN} and {@code Infinity}. Whole
 * numbers come back as {@code Long} or {@code BigInteger}, others as {@code Double}. Thread-safe.
 */
public final class Wire {
  private static final String FILE = "$file";
  private static final String BYTES = "$bytes";
  private static final int MAX_DEPTH = 900;
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
      .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
      .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxStringLength(Integer.MAX_VALUE)
          .maxNumberLength(100_000)
          .maxNestingDepth(MAX_DEPTH + 100)
          .build())
      .streamWriteConstraints(
          StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH + 100).build())
      .build();

  private Wire() {}

  /** Writes one JSON document. */
  @FunctionalInterface
  public interface Document {
    /** Writes it. */
    void write(JsonGenerator json);
  }

  /** Where JSON is read from. */
  private interface Source {
    JsonParser open();
  }

  /** Returns a document as UTF-8 bytes without line breaks. */
  public static byte[] encode(Document document) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      document.write(json);
    } catch (JacksonException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "a value cannot be written as JSON: " + e.getOriginalMessage(),
          e);
    }
    return bytes.toByteArray();
  }

  /**
   * Returns a value as UTF-8 bytes without line breaks.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it cannot be written; says which part of it and why
   */
  public static byte[] encode(@Nullable Object value, String what) {
    return encode(json -> write(json, value, what));
  }

  /**
   * Returns a value as JSON text.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it cannot be written; says which part of it and why
   */
  public static String text(@Nullable Object value, String what) {
    return new String(encode(value, what), StandardCharsets.UTF_8);
  }

  /**
   * Writes a value.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it cannot be written; says which part of it and why
   */
  public static void write(JsonGenerator json, @Nullable Object value, String what) {
    try {
      write(json, value, 0);
    } catch (Unwritable e) {
      throw new TaskException(FailureKind.SERIALIZATION, what + e.path + " " + e.reason, null);
    }
  }

  private static void write(JsonGenerator json, @Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new Unwritable("is nested too deep, or holds itself");
    }
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Collection<?> items) {
      list(json, items, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(json, map, depth);
    } else if (!number(json, value) && !special(json, value)) {
      throw new Unwritable("is a " + value.getClass().getName()
          + ", which cannot leave this JVM; pass JSON values, byte[] or a FileRef");
    }
  }

  private static void list(JsonGenerator json, Collection<?> items, int depth) {
    json.writeStartArray();
    int index = 0;
    for (Object item : items) {
      try {
        write(json, item, depth + 1);
      } catch (Unwritable e) {
        e.within("[" + index + "]");
        throw e;
      }
      index++;
    }
    json.writeEndArray();
  }

  private static void map(JsonGenerator json, Map<?, ?> map, int depth) {
    json.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw new Unwritable("has the key " + entry.getKey() + "; keys must be strings");
      }
      json.writeName(key);
      try {
        write(json, entry.getValue(), depth + 1);
      } catch (Unwritable e) {
        e.within("." + key);
        throw e;
      }
    }
    json.writeEndObject();
  }

  private static boolean number(JsonGenerator json, Object value) {
    if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Float number) {
      json.writeNumber(number);
    } else if (value instanceof BigInteger number) {
      json.writeNumber(number);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number);
    } else {
      return false;
    }
    return true;
  }

  private static boolean special(JsonGenerator json, Object value) {
    if (value instanceof byte[] bytes) {
      one(json, BYTES, Base64.getEncoder().encodeToString(bytes));
    } else if (value instanceof FileRef file) {
      one(json, FILE, file.path().toString());
    } else if (value instanceof Path path) {
      one(json, FILE, path.toAbsolutePath().normalize().toString());
    } else if (value instanceof double[] numbers) {
      json.writeArray(numbers, 0, numbers.length);
    } else if (value instanceof long[] numbers) {
      json.writeArray(numbers, 0, numbers.length);
    } else if (value instanceof int[] numbers) {
      json.writeArray(numbers, 0, numbers.length);
    } else {
      return false;
    }
    return true;
  }

  private static void one(JsonGenerator json, String name, String value) {
    json.writeStartObject();
    json.writeStringProperty(name, value);
    json.writeEndObject();
  }

  /**
   * Returns the value that a JSON document holds.
   *
   * @throws TaskException if it is not JSON
   */
  public static @Nullable Object decode(byte[] bytes) {
    return decode(bytes, bytes.length);
  }

  /**
   * Returns the value that a JSON document holds.
   *
   * @param length how many of the bytes are the document
   * @throws TaskException if it is not JSON
   */
  public static @Nullable Object decode(byte[] bytes, int length) {
    return decode(() -> JSON.createParser(ObjectReadContext.empty(), bytes, 0, length));
  }

  /**
   * Returns the value that a JSON text holds.
   *
   * @throws TaskException if it is not JSON
   */
  public static @Nullable Object decode(String text) {
    return decode(() -> JSON.createParser(ObjectReadContext.empty(), text));
  }

  /**
   * Returns the value that a JSON file holds, without holding its text.
   *
   * @throws TaskException if it is not JSON, or cannot be read
   */
  public static @Nullable Object decode(Path file) {
    return decode(() -> JSON.createParser(ObjectReadContext.empty(), file));
  }

  private static @Nullable Object decode(Source source) {
    try (JsonParser json = source.open()) {
      json.nextToken();
      Object value = read(json);
      if (json.nextToken() != null) {
        throw new TaskException(
            FailureKind.SERIALIZATION, "there is more text after the JSON value", null);
      }
      return value;
    } catch (JacksonException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION, "this is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static @Nullable Object read(JsonParser json) {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new TaskException(FailureKind.SERIALIZATION, "there is no JSON value", null);
    }
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> json.getString();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_NUMBER_INT ->
        switch (json.getNumberType()) {
          case INT, LONG -> json.getLongValue();
          default -> json.getBigIntegerValue();
        };
      case START_ARRAY -> {
        List<@Nullable Object> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          items.add(read(json));
        }
        yield items;
      }
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
          json.nextToken();
          int size = map.size();
          map.put(name, read(json));
          if (map.size() == size) {
            throw new TaskException(
                FailureKind.SERIALIZATION, "the key '" + name + "' is there twice", null);
          }
        }
        yield map.size() == 1 ? special(map) : map;
      }
      default ->
        throw new TaskException(
            FailureKind.SERIALIZATION, "unexpected " + token + " in JSON", null);
    };
  }

  private static Object special(Map<String, @Nullable Object> map) {
    try {
      if (map.get(FILE) instanceof String path) {
        return FileRef.of(Path.of(path));
      }
      if (map.get(BYTES) instanceof String text) {
        return Base64.getDecoder().decode(text);
      }
    } catch (IllegalArgumentException e) {
      throw new TaskException(FailureKind.SERIALIZATION, map + ": " + e.getMessage(), e);
    }
    return map;
  }

  /** A value that cannot be written, and where it was found, from the outside in. */
  private static final class Unwritable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private String path = "";

    Unwritable(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    void within(String step) {
      path = step + path;
    }
  }
}
