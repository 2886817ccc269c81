package dev.muster.report.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The scripts and the style of the page. Thread-safe. */
final class Scripts {
  private Scripts() {}

  /** Returns a script or a style of this module, as it can stand in an element of its kind. */
  static String read(String name) throws IOException {
    try (InputStream in = Scripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing in the library");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      int map = text.lastIndexOf("\n//# sourceMappingURL="); // a browser would look for it
      return (map < 0 ? text : text.substring(0, map)).replace("</script", "<\\/script");
    }
  }

  /** Returns what a content security policy calls a script or a style. */
  static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
