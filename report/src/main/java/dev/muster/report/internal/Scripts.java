package dev.muster.report.internal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The scripts and the style of the page. Thread-safe. */
final class Scripts {
  private static final byte[] MAP = "\n//# sourceMappingURL=".getBytes(StandardCharsets.US_ASCII);

  private Scripts() {}

  /** Returns a script or a style of this module, without the line by which a browser would look for its sources. */
  static byte[] read(String name) throws IOException {
    try (InputStream in = Scripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing in the library");
      }
      byte[] text = in.readAllBytes();
      for (int i = text.length - MAP.length; i >= Math.max(0, text.length - 200); i--) {
        if (Arrays.equals(text, i, i + MAP.length, MAP, 0, MAP.length)) {
          return Arrays.copyOf(text, i + 1);
        }
      }
      return text;
    }
  }
}
