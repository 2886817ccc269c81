package dev.muster.code;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hashes what JSON can hold. Each value goes in with its type and its length, so no two values are taken for one. Not
 * thread-safe.
 */
final class Fingerprint {
  private final MessageDigest digest;

  private Fingerprint(MessageDigest digest) {
    this.digest = digest;
  }

  static String of(StageCode code) {
    try {
      Fingerprint fingerprint = new Fingerprint(MessageDigest.getInstance("SHA-256"));
      fingerprint.add("muster code 1");
      fingerprint.add(code.kind().name());
      fingerprint.add(code.json());
      return HexFormat.of().formatHex(fingerprint.digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void add(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((key, item) -> sorted.put(String.valueOf(key), item));
      begin('m', sorted.size());
      sorted.forEach((key, item) -> {
        add(key);
        add(item);
      });
    } else if (value instanceof List<?> list) {
      begin('l', list.size());
      list.forEach(this::add);
    } else {
      char type = value == null
          ? 'n'
          : value instanceof String ? 's' : value instanceof Boolean ? 'b' : 'd';
      byte[] bytes = String.valueOf(value).getBytes(StandardCharsets.UTF_8);
      begin(type, bytes.length);
      digest.update(bytes);
    }
  }

  private void begin(char type, int length) {
    digest.update((byte) type);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
  }
}
