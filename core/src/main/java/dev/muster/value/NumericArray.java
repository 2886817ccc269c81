package dev.muster.value;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of one type in one or more dimensions: in Python a {@code numpy.ndarray}.
 *
 * <p>Elements lie in C order: the last index varies fastest. An array travels between processes as the bytes that it
 * is, not as the text of its numbers, which {@code double[]} and lists do. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class NumericArray {
  private final Type type;
  private final List<Integer> shape;
  private final byte[] data;

  /** The type of the elements, by its name in numpy. */
  public enum Type {
    BOOL(1),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    FLOAT32(4),
    FLOAT64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Returns the size of an element in bytes. */
    public int bytes() {
      return bytes;
    }

    /** Returns the name in numpy, for example {@code float64}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the type with that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Type of(String text) {
      for (Type type : values()) {
        if (type.text().equals(text)) {
          return type;
        }
      }
      throw new IllegalArgumentException(
          "there is no type of arrays '" + text + "'; there are " + Arrays.toString(values()));
    }
  }

  /** Makes an array of bytes that nobody else has. */
  NumericArray(Type type, List<Integer> shape, byte[] data) {
    this.type = type;
    this.shape = List.copyOf(shape);
    this.data = data;
    if (shape.isEmpty()) {
      throw new IllegalArgumentException("an array has at least one dimension");
    }
    long size = type.bytes();
    for (int length : shape) {
      if (length < 0) {
        throw new IllegalArgumentException("an array cannot have the shape " + shape);
      }
      size = Math.multiplyExact(size, length);
    }
    if (size != data.length) {
      throw new IllegalArgumentException("an array of " + type.text() + " with the shape " + shape
          + " takes " + size + " bytes, got " + data.length);
    }
  }

  /**
   * Returns an array.
   *
   * @param shape the length of each dimension, the outermost first
   * @param data the elements, in little-endian byte order; copied
   * @throws IllegalArgumentException if the data is not as long as type and shape say
   */
  public static NumericArray of(Type type, List<Integer> shape, byte[] data) {
    return new NumericArray(type, shape, data.clone());
  }

  /** Returns a one-dimensional array of {@link Type#FLOAT64}. */
  public static NumericArray of(double... numbers) {
    byte[] data = new byte[Math.multiplyExact(numbers.length, Double.BYTES)];
    littleEndian(data).asDoubleBuffer().put(numbers);
    return new NumericArray(Type.FLOAT64, List.of(numbers.length), data);
  }

  /** Returns a one-dimensional array of {@link Type#INT64}. */
  public static NumericArray of(long... numbers) {
    byte[] data = new byte[Math.multiplyExact(numbers.length, Long.BYTES)];
    littleEndian(data).asLongBuffer().put(numbers);
    return new NumericArray(Type.INT64, List.of(numbers.length), data);
  }

  private static ByteBuffer littleEndian(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the type of the elements. */
  public Type type() {
    return type;
  }

  /** Returns the length of each dimension, the outermost first. */
  public List<Integer> shape() {
    return shape;
  }

  /** Returns how many elements there are. */
  public int size() {
    return data.length / type.bytes();
  }

  /** Returns the elements, read-only and in little-endian byte order. */
  public ByteBuffer data() {
    return ByteBuffer.wrap(data).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  byte[] bytes() {
    return data;
  }

  /**
   * Returns the elements as doubles.
   *
   * @throws IllegalStateException if they are integers of 64 bits, which a double may not hold
   */
  public double[] toDoubles() {
    if (type == Type.INT64 || type == Type.UINT64) {
      throw new IllegalStateException(
          "a double does not hold every " + type.text() + "; use toLongs() or data()");
    }
    ByteBuffer in = data();
    double[] numbers = new double[size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = switch (type) {
        case FLOAT64 -> in.getDouble(i * 8);
        case FLOAT32 -> in.getFloat(i * 4);
        default -> integer(in, i);
      };
    }
    return numbers;
  }

  /**
   * Returns the elements as longs; {@code true} is 1.
   *
   * @throws IllegalStateException if they are floating-point numbers, or one is too large
   */
  public long[] toLongs() {
    if (type == Type.FLOAT32 || type == Type.FLOAT64) {
      throw new IllegalStateException("a long does not hold every " + type.text());
    }
    ByteBuffer in = data();
    long[] numbers = new long[size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = integer(in, i);
      if (type == Type.UINT64 && numbers[i] < 0) {
        throw new IllegalStateException(
            "a long does not hold the element " + Long.toUnsignedString(numbers[i]));
      }
    }
    return numbers;
  }

  private long integer(ByteBuffer in, int index) {
    int at = index * type.bytes();
    return switch (type) {
      case INT8 -> in.get(at);
      case INT16 -> in.getShort(at);
      case INT32 -> in.getInt(at);
      case BOOL, UINT8 -> Byte.toUnsignedLong(in.get(at));
      case UINT16 -> Short.toUnsignedLong(in.getShort(at));
      case UINT32 -> Integer.toUnsignedLong(in.getInt(at));
      default -> in.getLong(at);
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NumericArray array
        && type == array.type
        && shape.equals(array.shape)
        && Arrays.equals(data, array.data);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "NumericArray(" + type.text() + ", " + shape + ")";
  }
}
