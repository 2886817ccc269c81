package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks that the Java in a page of documentation is code that compiles: every {@code ```java} block stands behind a
 * line {@code
 * <!-- from: path -->}, and occurs in that file, indentation aside.
 */
final class DocSnippets {
  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- from: (\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

  private final Path root;

  /** @param root the folder that paths in pages are taken from */
  DocSnippets(Path root) {
    this.root = root;
  }

  /** Returns how many blocks the page has; fails if one is not in the file that it names. */
  int check(String page) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(root.resolve(page)));
    int blocks = 0;
    while (block.find()) {
      blocks++;
      String source = block.group(1);
      assertThat(source)
          .as("the file that this block of %s is from:%n%s", page, block.group(2))
          .isNotNull();
      assertThat(lines(Files.readString(root.resolve(source))))
          .as("%s, which %s quotes", source, page)
          .containsSequence(lines(block.group(2)));
    }
    return blocks;
  }

  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(lines::add);
    return lines;
  }
}
