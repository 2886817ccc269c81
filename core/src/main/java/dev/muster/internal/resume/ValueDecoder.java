package dev.muster.internal.resume;

import dev.muster.spi.OutputCopy;
import dev.muster.value.FileRef;
import dev.muster.value.NumericArray;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link ValueCoder} has written. */
final class ValueDecoder {
  private ValueDecoder() {}

  /**
   * Reads a value back, out of its file if it lies in one.
   *
   * @throws IOException if that cannot be read
   * @throws dev.muster.value.ValueException if that does not hold a value
   */
  static @Nullable Object decode(byte[] content) throws IOException {
    OutputCopy copy = inFile(content);
    if (copy == null || copy.file() == null) {
      return read(ByteBuffer.wrap(content));
    }
    return copy.bytes() ? Files.readAllBytes(copy.file()) : ValueEncoding.decode(copy.file());
  }

  /** Returns the file that holds what was written, or null if it lies in none. */
  static @Nullable OutputCopy inFile(byte[] content) {
    ByteBuffer in = ByteBuffer.wrap(content);
    char tag = (char) in.get();
    return tag == 'X' || tag == 'J'
        ? new OutputCopy(null, Path.of(text(in)), tag == 'X', List.of())
        : null;
  }

  private static byte[] raw(ByteBuffer in) {
    byte[] content = new byte[in.getInt()];
    in.get(content);
    return content;
  }

  private static String text(ByteBuffer in) {
    return new String(raw(in), StandardCharsets.UTF_8);
  }

  private static @Nullable Object read(ByteBuffer in) {
    char tag = (char) in.get();
    return switch (tag) {
      case 'n' -> null;
      case 't' -> true;
      case 'f' -> false;
      case 'S' -> text(in);
      case 'l' -> in.getLong();
      case 'i' -> in.getInt();
      case 'D' -> Double.longBitsToDouble(in.getLong());
      case 'F' -> Float.intBitsToFloat(in.getInt());
      case 's' -> in.getShort();
      case 'b' -> in.get();
      case 'c' -> in.getChar();
      case 'B' -> raw(in);
      case 'R' -> FileRef.of(Path.of(text(in)));
      case 'P' -> Path.of(text(in));
      case 'I' -> new BigInteger(raw(in));
      case 'M' -> new BigDecimal(text(in));
      case 'N' -> readArray(in);
      case 'Y' -> readPython(in);
      case 'd' -> {
        double[] numbers = new double[in.getInt()];
        Arrays.setAll(numbers, i -> Double.longBitsToDouble(in.getLong()));
        yield numbers;
      }
      case 'j' -> {
        long[] numbers = new long[in.getInt()];
        Arrays.setAll(numbers, i -> in.getLong());
        yield numbers;
      }
      case 'A' -> readList(in);
      case 'v' -> Collections.unmodifiableList(readList(in));
      case 'L' -> readMap(in, new LinkedHashMap<>());
      case 'H' -> readMap(in, new HashMap<>());
      case 'w' -> Collections.unmodifiableMap(readMap(in, new LinkedHashMap<>()));
      default -> throw new IllegalArgumentException("no value begins with " + (int) tag);
    };
  }

  private static NumericArray readArray(ByteBuffer in) {
    in.get();
    NumericArray.Type type = NumericArray.Type.valueOf(text(in));
    List<Integer> shape = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      shape.add(in.getInt());
    }
    in.get();
    return NumericArray.of(type, shape, raw(in));
  }

  private static PythonValue readPython(ByteBuffer in) {
    Object encoded = read(in);
    Object reason = read(in);
    in.get();
    String way = text(in);
    in.get();
    byte[] pickle = raw(in);
    return new PythonValue(
        encoded,
        reason == null ? null : String.valueOf(reason),
        way,
        pickle,
        Boolean.TRUE.equals(read(in)));
  }

  private static List<@Nullable Object> readList(ByteBuffer in) {
    int count = in.getInt();
    List<@Nullable Object> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(read(in));
    }
    return list;
  }

  private static Map<@Nullable Object, @Nullable Object> readMap(
      ByteBuffer in, Map<@Nullable Object, @Nullable Object> map) {
    for (int left = in.getInt(); left > 0; left--) {
      Object key = read(in);
      map.put(key, read(in));
    }
    return map;
  }
}
