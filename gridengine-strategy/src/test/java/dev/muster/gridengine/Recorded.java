package dev.muster.gridengine;

import dev.muster.batch.spi.CommandResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What Grid Engine 8.1.9 really said. */
final class Recorded {
  private Recorded() {}

  static String text(String name) {
    try (InputStream in =
        Objects.requireNonNull(Recorded.class.getResourceAsStream(name + ".txt"), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a recorded answer: on standard output if the exit code is 0, else on standard error. */
  static CommandResult answer(String name, int code, String... command) {
    return code == 0
        ? new CommandResult(List.of(command), 0, text("8.1.9/" + name), "")
        : new CommandResult(List.of(command), code, "", text("8.1.9/" + name));
  }
}
