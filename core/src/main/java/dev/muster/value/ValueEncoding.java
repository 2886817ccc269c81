package dev.muster.value;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * The encoding of values between processes: JSON, with marks for what JSON has no word for. {@code docs/values.md}
 * specifies it.
 *
 * <p>{@code byte[]} is {@code {"$bytes": base64}}, {@link FileRef} and {@link Path} are {@code {"$file": path}}, {@link
 * NumericArray} is {@code {"$array": [type, shape, base64]}}. A key of a map that begins with {@code $} is written with
 * one more {@code $}, so a map never turns into something else. Whole numbers come back as {@code Long} or {@code
 * BigInteger}, others as {@code Double}, lists as {@code List} and maps as {@code Map<String, Object>} in their order.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class ValueEncoding {
  /** How deep lists and maps may be nested. */
  public static final int MAX_DEPTH = 256;

  /** How many digits a whole number may have: as many as Python reads by default. */
  public static final int MAX_DIGITS = 4300;

  private static final int ENVELOPE = 44; // messages hold values

  static final JsonFactory JSON = JsonFactory.builder()
      .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
      .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
      .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxStringLength(Integer.MAX_VALUE)
          .maxNumberLength(MAX_DIGITS + 1) // and a sign
          .maxNestingDepth(MAX_DEPTH + ENVELOPE)
          .build())
      .streamWriteConstraints(
          StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH + ENVELOPE).build())
      .build();

  private static final JsonFactory ASCII =
      JSON.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private ValueEncoding() {}

  /**
   * Returns a value as ASCII bytes without line breaks.
   *
   * @param what the value in words, for messages; a path is appended to it, as in {@code output.a[3]}
   * @throws ValueException if it cannot be encoded; says which part of it and why
   */
  public static byte[] encode(@Nullable Object value, String what) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = ASCII.createGenerator(ObjectWriteContext.empty(), bytes)) {
      ValueWriter.marked(json).write(value, what);
    }
    return bytes.toByteArray();
  }

  /**
   * Returns a value as ASCII text without line breaks.
   *
   * @param what the value in words, for messages; a path is appended to it, as in {@code output.a[3]}
   * @throws ValueException if it cannot be encoded; says which part of it and why
   */
  public static String encodeToString(@Nullable Object value, String what) {
    return new String(encode(value, what), StandardCharsets.US_ASCII);
  }

  /**
   * Returns the value that a text holds. Lists and maps in it cannot be changed.
   *
   * @param text UTF-8 bytes
   * @throws ValueException if it is not exactly one encoded value
   */
  public static @Nullable Object decode(byte[] text) {
    return decode(text, text.length);
  }

  /**
   * Returns the value that a text holds. Lists and maps in it cannot be changed.
   *
   * @param text UTF-8 bytes
   * @param length how many of the bytes are the text
   * @throws ValueException if it is not exactly one encoded value
   */
  public static @Nullable Object decode(byte[] text, int length) {
    return read(() -> JSON.createParser(ObjectReadContext.empty(), text, 0, length), true);
  }

  /**
   * Returns the value that a text holds. Lists and maps in it cannot be changed.
   *
   * @throws ValueException if it is not exactly one encoded value
   */
  public static @Nullable Object decode(String text) {
    return read(() -> JSON.createParser(ObjectReadContext.empty(), text), true);
  }

  /**
   * Returns the value that a file holds, without holding its text. Lists and maps in it cannot be changed.
   *
   * @throws ValueException if it is not exactly one encoded value, or cannot be read
   */
  public static @Nullable Object decode(Path file) {
    return read(() -> JSON.createParser(ObjectReadContext.empty(), file), true);
  }

  /** Where JSON is read from. */
  interface Source {
    JsonParser open();
  }

  static @Nullable Object read(Source source, boolean marked) {
    try (JsonParser json = source.open()) {
      return new ValueReader(json, marked).read();
    } catch (JacksonException e) {
      throw new ValueException("this is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
