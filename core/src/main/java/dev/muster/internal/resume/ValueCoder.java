package dev.muster.internal.resume;

import dev.muster.spi.OutputCopy;
import dev.muster.value.FileRef;
import dev.muster.value.NumericArray;
import dev.muster.value.PythonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes results so that what is read back is the same to whoever reads it: the same types, not only the same JSON.
 * What it cannot write so it refuses. Not thread-safe.
 */
final class ValueCoder {
  /** The largest value that is kept. */
  static final int LARGEST = 64 << 20;

  private static final int DEEPEST = 256;
  private static final int LONGEST_PATH = 1000;

  private final Path base;
  private final List<Path> files = new ArrayList<>();
  private byte[] bytes = new byte[256];
  private int size;

  /**
   * @param base what a relative path in a result may mean
   */
  ValueCoder(Path base) {
    this.base = base;
  }

  /** Thrown for a value that cannot be written so. */
  private static final class Unknown extends Exception {
    private static final long serialVersionUID = 1L;

    Unknown() {
      super("this value cannot be kept", null, false, false);
    }
  }

  /** Writes a value; returns whether it can be kept. {@link #bytes}, {@link #size} and {@link #files} then have it. */
  boolean encode(@Nullable Object value) {
    size = 0;
    files.clear();
    try {
      write(value, 0);
      return true;
    } catch (Unknown e) {
      return false;
    } finally {
      if (bytes.length > 1 << 20) {
        bytes = Arrays.copyOf(bytes, Math.max(size, 256));
      }
    }
  }

  /** Writes a copy of an output, as {@link #encode} does a value. */
  boolean encode(OutputCopy copy) {
    Path file = copy.file();
    if (file == null) {
      return encode(copy.value());
    }
    size = 0;
    files.clear();
    try {
      raw(copy.bytes() ? 'X' : 'J', utf8(file.toString()));
      files.add(file);
      files.addAll(copy.names());
      return true;
    } catch (Unknown e) {
      return false;
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Returns the files that the value names; they may not be there. */
  List<Path> files() {
    return files;
  }

  private void room(int more) throws Unknown {
    if (more > LARGEST - size) {
      throw new Unknown();
    }
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(LARGEST, Math.max(size + more, bytes.length * 2)));
    }
  }

  private void tag(char tag, int more) throws Unknown {
    room(1 + more);
    bytes[size++] = (byte) tag;
  }

  private void number(long value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  private void raw(char tag, byte[] content) throws Unknown {
    tag(tag, Integer.BYTES);
    number(content.length, Integer.BYTES);
    room(content.length);
    System.arraycopy(content, 0, bytes, size, content.length);
    size += content.length;
  }

  private void write(@Nullable Object value, int depth) throws Unknown {
    if (depth > DEEPEST) {
      throw new Unknown();
    }
    if (value == null) {
      tag('n', 0);
    } else if (value instanceof String text) {
      text(text);
      named(text);
    } else if (value instanceof Long number) {
      tag('l', Long.BYTES);
      number(number, Long.BYTES);
    } else if (value instanceof Integer number) {
      tag('i', Integer.BYTES);
      number(number, Integer.BYTES);
    } else if (value instanceof Double number) {
      tag('D', Long.BYTES);
      number(Double.doubleToRawLongBits(number), Long.BYTES);
    } else if (value instanceof Boolean bool) {
      tag(bool ? 't' : 'f', 0);
    } else if (value instanceof byte[] content) {
      raw('B', content);
    } else if (value instanceof FileRef file) {
      raw('R', utf8(file.path().toString()));
      files.add(file.path());
    } else if (value instanceof Path path && path.getFileSystem() == base.getFileSystem()) {
      raw('P', utf8(path.toString()));
      files.add(path.toAbsolutePath());
    } else if (value instanceof List<?> list) {
      list(list, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else {
      rare(value, depth);
    }
  }

  private void rare(Object value, int depth) throws Unknown {
    if (value instanceof Float number) {
      tag('F', Integer.BYTES);
      number(Float.floatToRawIntBits(number), Integer.BYTES);
    } else if (value instanceof Short number) {
      tag('s', Short.BYTES);
      number(number, Short.BYTES);
    } else if (value instanceof Byte number) {
      tag('b', Byte.BYTES);
      number(number, Byte.BYTES);
    } else if (value instanceof Character letter) {
      tag('c', Character.BYTES);
      number(letter, Character.BYTES);
    } else if (value.getClass() == BigInteger.class) {
      raw('I', ((BigInteger) value).toByteArray());
    } else if (value.getClass() == BigDecimal.class) {
      raw('M', utf8(value.toString()));
    } else if (value instanceof NumericArray array) {
      array(array);
    } else if (value instanceof PythonValue python) {
      python(python, depth);
    } else if (value instanceof double[] numbers) {
      tag('d', Integer.BYTES);
      number(numbers.length, Integer.BYTES);
      for (double each : numbers) {
        room(Long.BYTES);
        number(Double.doubleToRawLongBits(each), Long.BYTES);
      }
    } else if (value instanceof long[] numbers) {
      tag('j', Integer.BYTES);
      number(numbers.length, Integer.BYTES);
      for (long each : numbers) {
        room(Long.BYTES);
        number(each, Long.BYTES);
      }
    } else {
      throw new Unknown();
    }
  }

  private static byte[] utf8(String text) throws Unknown {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (!new String(encoded, StandardCharsets.UTF_8).equals(text)) { // half a character
      throw new Unknown();
    }
    return encoded;
  }

  private void text(String text) throws Unknown {
    raw('S', utf8(text));
  }

  // A text that names a file stands for it: who reads it may read the file.
  private void named(String text) {
    if (text.length() > LONGEST_PATH
        || (text.indexOf('/') < 0 && text.indexOf('.') < 0)
        || text.indexOf('\n') >= 0
        || text.indexOf('\0') >= 0) {
      return;
    }
    try {
      Path path = base.resolve(text);
      if (path.isAbsolute()
          && (text.startsWith("/") ? Files.exists(path) : Files.isRegularFile(path))) {
        files.add(path.normalize());
      }
    } catch (InvalidPathException e) {
      return; // no name of a file
    }
  }

  private void python(PythonValue value, int depth) throws Unknown {
    tag('Y', 0);
    write(value.encoded(), depth + 1);
    write(value.reason(), depth + 1);
    text(value.way());
    raw('B', value.pickle());
    tag(value.hasFiles() ? 't' : 'f', 0);
  }

  private void array(NumericArray array) throws Unknown {
    tag('N', 0);
    text(array.type().name());
    room(Integer.BYTES);
    number(array.shape().size(), Integer.BYTES);
    for (int each : array.shape()) {
      room(Integer.BYTES);
      number(each, Integer.BYTES);
    }
    ByteBuffer data = array.data();
    byte[] content = new byte[data.remaining()];
    data.get(content);
    raw('B', content);
  }

  private void list(List<?> list, int depth) throws Unknown {
    tag(list.getClass() == ArrayList.class ? 'A' : fixed(list, 'v'), Integer.BYTES);
    number(list.size(), Integer.BYTES);
    for (Object each : list) {
      write(each, depth + 1);
    }
  }

  private void map(Map<?, ?> map, int depth) throws Unknown {
    char tag = map.getClass() == LinkedHashMap.class
        ? 'L'
        : map.getClass() == HashMap.class ? 'H' : fixed(map, 'w');
    tag(tag, Integer.BYTES);
    number(map.size(), Integer.BYTES);
    for (Map.Entry<?, ?> each : map.entrySet()) {
      write(each.getKey(), depth + 1);
      write(each.getValue(), depth + 1);
    }
  }

  private static char fixed(Object collection, char tag) throws Unknown {
    String name = collection.getClass().getName();
    if (name.startsWith("java.util.ImmutableCollections$")
        || name.equals("java.util.Collections$UnmodifiableMap")
        || name.equals("java.util.Collections$UnmodifiableList")
        || name.equals("java.util.Collections$UnmodifiableRandomAccessList")
        || name.startsWith("java.util.Collections$Empty")
        || name.startsWith("java.util.Collections$Singleton")) {
      return tag;
    }
    throw new Unknown();
  }
}
