package dev.muster.dask;

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
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Messages and values as JSON, each on one line. In values, what JSON has no word for is {@code {"$bytes": base64}} and {@code {"$file": path}}.
 * Thread-safe.
 */
final class Json {
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
      .build();

  private Json() {}

  /**
   * Returns a message or value as UTF-8 bytes without line breaks.
   *
   * @param what the value in words, for messages
   * @throws TaskException if it cannot leave this JVM
   */
  static byte[] encode(@Nullable Object value, String what) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      write(json, value, what, 0);
    } catch (JacksonException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION, what + " cannot be written: " + e.getOriginalMessage(), e);
    }
    return bytes.toByteArray();
  }

  /** Returns a value as JSON text. */
  static String text(@Nullable Object value, String what) {
    return new String(encode(value, what), StandardCharsets.UTF_8);
  }

  private static void write(JsonGenerator json, @Nullable Object value, String what, int depth) {
    if (depth > MAX_DEPTH) {
      throw unwritable(what + " is nested too deep, or holds itself");
    }
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Iterable<?> items && !(value instanceof Path)) {
      json.writeStartArray();
      for (Object item : items) {
        write(json, item, what, depth + 1);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeName(String.valueOf(entry.getKey()));
        write(json, entry.getValue(), what, depth + 1);
      }
      json.writeEndObject();
    } else if (!number(json, value) && !special(json, value)) {
      throw unwritable(what + " holds a " + value.getClass().getName()
          + ", which cannot leave this JVM; pass JSON values, byte[] or a FileRef");
    }
  }

  private static TaskException unwritable(String message) {
    return new TaskException(FailureKind.SERIALIZATION, message, null);
  }

  private static boolean number(JsonGenerator json, Object value) {
    if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Double || value instanceof Float) {
      json.writeNumber(((Number) value).doubleValue());
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
   * Returns the message that a line holds; special values are left as they are.
   *
   * @throws JacksonException if it is not JSON
   */
  static @Nullable Object message(byte[] line, int length) {
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line, 0, length)) {
      json.nextToken();
      return read(json, false);
    }
  }

  /**
   * Returns the value that a JSON text holds.
   *
   * @throws TaskException if it is not JSON
   */
  static @Nullable Object value(JsonSource source) {
    try (JsonParser json = source.open(JSON)) {
      json.nextToken();
      return read(json, true);
    } catch (JacksonException e) {
      throw new TaskException(
          FailureKind.SERIALIZATION, "an output is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns the value that a JSON text holds. */
  static @Nullable Object value(String text) {
    return value(json -> json.createParser(ObjectReadContext.empty(), text));
  }

  /** Returns the value that a JSON file holds. */
  static @Nullable Object value(Path file) {
    return value(json -> json.createParser(ObjectReadContext.empty(), file.toFile()));
  }

  /** Where JSON is read from. */
  interface JsonSource {
    JsonParser open(JsonFactory json);
  }

  private static @Nullable Object read(JsonParser json, boolean value) {
    JsonToken token = json.currentToken();
    if (token == null) {
      return null;
    }
    return switch (token) {
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
          items.add(read(json, value));
        }
        yield items;
      }
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String name = json.nextName(); name != null; name = json.nextName()) {
          json.nextToken();
          map.put(name, read(json, value));
        }
        yield value && map.size() == 1 ? special(map) : map;
      }
      default -> null;
    };
  }

  private static Object special(Map<String, @Nullable Object> map) {
    if (map.get(FILE) instanceof String path) {
      return FileRef.of(Path.of(path));
    }
    if (map.get(BYTES) instanceof String text) {
      return Base64.getDecoder().decode(text);
    }
    return map;
  }
}
