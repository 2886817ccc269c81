package dev.muster.internal.resume;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hashes to 128 bits: the first half of SHA-256. What is added has a length, so no two sequences are taken for one. Not
 * thread-safe.
 */
final class Hasher {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MessageDigest digest;
  private final byte[] buffer = new byte[1024];
  private int used;
  private long high;
  private long low;

  Hasher() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Hasher add(long value) {
    if (used + Long.BYTES > buffer.length) {
      drain();
    }
    LONGS.set(buffer, used, value);
    used += Long.BYTES;
    return this;
  }

  Hasher add(byte[] bytes, int from, int length) {
    add(length);
    drain();
    digest.update(bytes, from, length);
    return this;
  }

  /** Adds bytes without their length. */
  Hasher raw(byte[] bytes, int from, int length) {
    drain();
    digest.update(bytes, from, length);
    return this;
  }

  Hasher add(@Nullable String text) {
    if (text == null) {
      return add(-1);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_16BE); // keeps what UTF-8 has no bytes for
    return add(bytes, 0, bytes.length);
  }

  /** Adds what JSON can hold; the order of keys counts, since whoever reads a mapping sees it. */
  Hasher json(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      add('m').add(map.size());
      map.forEach((key, item) -> add(String.valueOf(key)).json(item));
      return this;
    }
    if (value instanceof List<?> list) {
      add('l').add(list.size());
      list.forEach(this::json);
      return this;
    }
    return value == null ? add('n') : add(value.getClass().getName()).add(String.valueOf(value));
  }

  private void drain() {
    digest.update(buffer, 0, used);
    used = 0;
  }

  /** Ends a hash, which {@link #high} and {@link #low} then return; the next begins. */
  Hasher end() {
    drain();
    try {
      digest.digest(buffer, 0, 32);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 has 32 bytes", e);
    }
    high = (long) LONGS.get(buffer, 0);
    low = (long) LONGS.get(buffer, Long.BYTES);
    return this;
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  /** Ends a hash and returns it as text. */
  String text() {
    end();
    return String.format(Locale.ROOT, "%016x%016x", high, low);
  }
}
