package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** What the manuals, the reports of users, and Slurm's commands for Torque show. */
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

  static CommandResult answer(int code, String out, String err, String... command) {
    return new CommandResult(List.of(command), code, out, err);
  }
}
