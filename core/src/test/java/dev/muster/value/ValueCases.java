package dev.muster.value;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of values that the tests in Java and in Python go by. */
public final class ValueCases {
  private ValueCases() {}

  /** Returns the rows of a part of the table, each with its name. */
  public static Stream<Object[]> of(String part) {
    try (InputStream in =
        Objects.requireNonNull(ValueCases.class.getResourceAsStream("value-cases.json"))) {
      Map<?, ?> table = (Map<?, ?>) Objects.requireNonNull(JsonValues.parse(in.readAllBytes()));
      return ((List<?>) Objects.requireNonNull(table.get(part))).stream().map(each ->
          new Object[] {((Map<?, ?>) each).get("name"), each});
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the value that a row describes. */
  public static @Nullable Object value(@Nullable Object described) {
    if (described instanceof List<?> items) {
      List<@Nullable Object> made = new ArrayList<>();
      items.forEach(item -> made.add(value(item)));
      return made;
    }
    if (!(described instanceof Map<?, ?> map)) {
      return described;
    }
    if (!(map.get("is") instanceof String kind)) {
      Map<Object, @Nullable Object> made = new LinkedHashMap<>();
      map.forEach((key, item) -> made.put(key, value(item)));
      return made;
    }
    return switch (kind) {
      case "integer" -> new BigInteger(text(map, "text"));
      case "digits" -> BigInteger.TEN.pow(number(map, "count")).subtract(BigInteger.ONE);
      case "decimal" -> Double.valueOf(text(map, "text"));
      case "bytes" -> HexFormat.of().parseHex(text(map, "hex"));
      case "file" -> FileRef.of(Path.of(text(map, "path")));
      case "array" -> array(map);
      case "foreign" -> new Object();
      case "date" -> LocalDate.EPOCH;
      case "nested" -> {
        Object nested = List.of();
        for (int depth = 1; depth < number(map, "depth"); depth++) {
          nested = depth % 2 == 0 ? List.of(nested) : Map.of("a", nested);
        }
        yield nested;
      }
      case "utf16" -> {
        StringBuilder text = new StringBuilder();
        list(map, "units").forEach(unit -> text.append((char) ((Number) unit).intValue()));
        yield text.toString();
      }
      case "map" -> {
        Map<@Nullable Object, @Nullable Object> made = new LinkedHashMap<>();
        for (Object entry : list(map, "entries")) {
          made.put(value(((List<?>) entry).get(0)), value(((List<?>) entry).get(1)));
        }
        yield made;
      }
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static NumericArray array(Map<?, ?> map) {
    NumericArray.Type type = NumericArray.Type.of(text(map, "type"));
    List<?> numbers = list(map, "numbers");
    ByteBuffer data =
        ByteBuffer.allocate(numbers.size() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (Object number : numbers) {
      switch (type) {
        case INT8 -> data.put(((Number) number).byteValue());
        case INT16 -> data.putShort(((Number) number).shortValue());
        case FLOAT64 -> data.putDouble(((Number) number).doubleValue());
        default -> throw new IllegalArgumentException(type.text());
      }
    }
    List<Integer> shape =
        list(map, "shape").stream().map(length -> ((Number) length).intValue()).toList();
    return NumericArray.of(type, shape, data.array());
  }

  private static String text(Map<?, ?> map, String name) {
    return (String) Objects.requireNonNull(map.get(name));
  }

  private static int number(Map<?, ?> map, String name) {
    return ((Number) Objects.requireNonNull(map.get(name))).intValue();
  }

  private static List<?> list(Map<?, ?> map, String name) {
    return (List<?>) Objects.requireNonNull(map.get(name));
  }
}
