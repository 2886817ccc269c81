package dev.muster.internal.engine;

import dev.muster.error.Visible;
import dev.muster.run.TaskFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Bounds the texts of events: whatever an operation says must fit into journals, logs and memories. Thread-safe. */
final class EventText {
  /** The most bytes of UTF-8 of a text, without the note that says how long it was. */
  static final int MOST_BYTES = 16 * 1024;

  private EventText() {}

  /** Returns a failure with a bounded message that can be shown. */
  static TaskFailure bounded(TaskFailure failure, @Nullable Path whole) {
    String message = bounded(Visible.text(failure.message()), whole);
    return message.equals(failure.message())
        ? failure
        : new TaskFailure(failure.kind(), message, failure.exitCode(), failure.cause());
  }

  /**
   * Returns a text, or its beginning with a note of its length.
   *
   * @param whole the file that has the whole text, or null if there is none
   */
  static String bounded(String text, @Nullable Path whole) {
    if (text.length() <= MOST_BYTES / 3) { // a char takes at most 3 bytes
      return text;
    }
    String beginning = text.substring(0, Math.min(text.length(), MOST_BYTES));
    byte[] bytes = beginning.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MOST_BYTES && beginning.length() == text.length()) {
      return text;
    }
    int end = Math.min(bytes.length, MOST_BYTES);
    while (end > 0 && end < bytes.length && (bytes[end] & 0xC0) == 0x80) {
      end--; // in the middle of a character
    }
    String cut = new String(bytes, 0, end, StandardCharsets.UTF_8);
    if (!cut.isEmpty() && Character.isHighSurrogate(cut.charAt(cut.length() - 1))) {
      cut = cut.substring(0, cut.length() - 1);
    }
    return cut + "... (" + text.length() + " characters"
        + (whole == null ? ")" : ", the whole text is in " + whole + ")");
  }
}
