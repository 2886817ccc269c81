package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java in the documentation names the file that it comes from, and still stands there. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- from: (\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"docs/extending.md", "examples/README.md"})
  void showsCodeThatIsCompiled(String page) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve(page)));
    List<String> found = new ArrayList<>();
    while (block.find()) {
      String source = block.group(1);
      assertThat(source).as("the source of %s", block.group(2)).isNotNull();
      assertThat(flat(Files.readString(ROOT.resolve(source))))
          .as("%s in %s", source, page)
          .contains(flat(block.group(2)));
      found.add(source);
    }
    assertThat(found).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/extending.md", "examples/README.md"})
  void linksToFilesThatExist(String page) throws IOException {
    Path file = ROOT.resolve(page);
    Matcher link = Pattern.compile("]\\(([^)#:]+)\\)").matcher(Files.readString(file));
    List<Path> targets = new ArrayList<>();
    while (link.find()) {
      targets.add(file.resolveSibling(link.group(1)));
    }
    assertThat(targets).isNotEmpty().allSatisfy(target -> assertThat(target).exists());
  }

  private static String flat(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
  }
}
