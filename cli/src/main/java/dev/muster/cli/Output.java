package dev.muster.cli;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Where a command's results or messages go, as UTF-8 and at once. Thread-safe. */
final class Output {
  private final OutputStream stream;

  Output(OutputStream stream) {
    this.stream = stream;
  }

  /**
   * Writes a text and a line end.
   *
   * @throws ReaderGoneException if nobody reads it any more, as in {@code muster plan FILE | head -1}
   * @throws UncheckedIOException if it cannot be written for another reason
   */
  void line(String text) {
    String shown = Text.shown(text);
    raw(shown.endsWith("\n") ? shown : shown + "\n");
  }

  /** Returns what takes a text in pieces of whole lines, and writes each as {@link #line} does. */
  Appendable pieces() {
    return new Pieces();
  }

  private final class Pieces implements Appendable {
    @Override
    public Appendable append(CharSequence piece) {
      line(piece.toString());
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int from, int to) {
      return append(text.subSequence(from, to));
    }

    @Override
    public Appendable append(char character) {
      return append(Character.toString(character));
    }
  }

  /** Writes a text as it is, control characters too; throws as {@link #line} does. */
  synchronized void raw(String text) {
    try {
      stream.write(text.getBytes(StandardCharsets.UTF_8));
      stream.flush();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (message.contains("broken pipe") || message.contains("pipe closed")) {
        throw new ReaderGoneException(e);
      }
      throw IoErrors.unchecked("the output could not be written", e);
    }
  }

  /** The reader of a pipe has gone away. */
  static final class ReaderGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ReaderGoneException(IOException cause) {
      super(cause);
    }
  }
}
