package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever is done to a file, loading it works or says what is wrong; nothing else comes out. */
class MutatedFilesTest {
  private static final int MUTATIONS = 2_000;
  private static final List<String> PIECES = List.of(
      ":",
      ": ",
      "- ",
      "\n",
      "\n  ",
      "  ",
      "\t",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "<<: ",
      "!!int ",
      "!x ",
      "\"",
      "'",
      "|",
      ">",
      "#",
      "%",
      "@",
      "?",
      "? ",
      ",",
      "---\n",
      "...\n",
      "~",
      "null",
      "-1",
      "0",
      "999999999999999999999",
      "1e999",
      ".nan",
      "\\",
      "\u0000",
      "\uD83D",
      "é",
      "\uFEFF",
      "true",
      "[]",
      "{}");

  @Test
  void loadingWorksOrSaysWhatIsWrong() throws IOException {
    List<String> originals = originals();
    Random random = new Random(20260131);
    int loaded = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      String text = originals.get(random.nextInt(originals.size()));
      int times = 1 + random.nextInt(4);
      for (int j = 0; j < times; j++) {
        text = mutated(text, originals, random);
      }
      loaded += loads(text) ? 1 : 0;
    }
    assertThat(loaded).isBetween(MUTATIONS / 20, MUTATIONS * 19 / 20);
  }

  private static boolean loads(String text) {
    try {
      WorkflowFile file = Workflows.fromYaml(text, "mutated.yaml", Path.of(""));
      assertThat(file.workflow().stages())
          .allSatisfy(stage -> assertThat(stage.location()).isNotNull());
      return true;
    } catch (WorkflowException e) {
      assertThat(e.problems())
          .allSatisfy(problem -> assertThat(wellFormed(problem)).isTrue());
      return false;
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("this text is not handled:\n" + text, e);
    }
  }

  private static boolean wellFormed(Problem problem) {
    return !problem.message().isBlank()
        && !problem.message().contains("\n")
        && !problem.message().contains("snakeyaml")
        && (problem.location() == null
            || (problem.location().line() > 0 && problem.location().column() > 0));
  }

  private static String mutated(String text, List<String> originals, Random random) {
    if (text.isEmpty()) {
      return PIECES.get(random.nextInt(PIECES.size()));
    }
    int from = random.nextInt(text.length());
    int to = Math.min(text.length(), from + 1 + random.nextInt(12));
    return switch (random.nextInt(6)) {
      case 0 -> text.substring(0, from) + text.substring(to);
      case 1 -> text.substring(0, from) + text.substring(from, to) + text.substring(from);
      case 2 ->
        text.substring(0, from) + PIECES.get(random.nextInt(PIECES.size())) + text.substring(to);
      case 3 -> text.substring(0, from) + (char) random.nextInt(0x300) + text.substring(from);
      case 4 -> {
        String other = originals.get(random.nextInt(originals.size()));
        int cut = random.nextInt(other.length());
        yield text.substring(0, from)
            + other.substring(cut, Math.min(other.length(), cut + 40))
            + text.substring(from);
      }
      default ->
        text.substring(0, from) + PIECES.get(random.nextInt(PIECES.size())) + text.substring(from);
    };
  }

  private static List<String> originals() throws IOException {
    List<String> texts = new ArrayList<>();
    for (String folder : List.of("seeds", "whole")) {
      try (Stream<Path> files = Files.list(Path.of("src/test/resources", folder))) {
        for (Path file : files.sorted().toList()) {
          texts.add(Files.readString(file));
        }
      }
    }
    return texts;
  }
}
