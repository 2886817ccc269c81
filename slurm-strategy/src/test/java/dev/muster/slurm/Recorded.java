package dev.muster.slurm;

import dev.muster.batch.spi.CommandResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers of real commands, as {@code record-answers.sh} has kept them, and other files beside the tests. */
final class Recorded {
  private Recorded() {}

  static String text(String file) {
    try (InputStream in = Recorded.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static CommandResult answer(String version, String name) {
    String text = text(version + "/" + name + ".txt");
    String mark = "--- exit ";
    int end = text.lastIndexOf(mark);
    int line = text.indexOf('\n', end);
    return new CommandResult(
        List.of(name.split("-", 2)[0]),
        Integer.parseInt(text.substring(end + mark.length(), line)),
        text.substring(0, end),
        text.substring(line + 1));
  }

  /** Returns what the jobs of {@code squeue.txt} are, by their ids. */
  static Map<String, String> names(String version) {
    Map<String, String> names = new LinkedHashMap<>();
    text(version + "/names.txt").lines().forEach(line -> {
      String[] words = line.split(" ", 2);
      names.put(words[0], words[1]);
    });
    return names;
  }
}
