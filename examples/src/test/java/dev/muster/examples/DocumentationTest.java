package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.SiteFiles;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.plan.Machine;
import dev.muster.resource.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages show is true: Java stands in a compiled file, YAML loads and plans, links lead somewhere. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern JAVA =
      Pattern.compile("(?:<!-- from: (\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern YAML = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern SOURCE_NAME =
      Pattern.compile("`([A-Z][a-z]\\w+|[a-z_]+\\.py)`"); // a class, or a file of Python
  private static final Pattern FOLDER = Pattern.compile("`([a-z-]+)`");
  private static final Pattern MODULE_ROW = Pattern.compile(
      "^\\| ((?:`[a-z-]+`(?:, )?)+) \\| (?:`core`|`batch`|all|\\|)", Pattern.MULTILINE);
  private static final Pattern NAMED =
      Pattern.compile("\\b(?:needs|from): \\[?([\\w, ]+)|node: (\\w+)");

  @TempDir
  private Path folder;

  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      List<Path> pages = new ArrayList<>(
          docs.filter(page -> page.toString().endsWith(".md")).sorted().toList());
      pages.add(ROOT.resolve("README.md"));
      pages.add(ROOT.resolve("CONTRIBUTING.md"));
      pages.add(ROOT.resolve("examples/README.md"));
      return pages;
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void showsJavaThatIsCompiled(Path page) throws IOException {
    Matcher block = JAVA.matcher(Files.readString(page));
    while (block.find()) {
      String source = block.group(1);
      assertThat(source).as("the source of %s", block.group(2)).isNotNull();
      assertThat(flat(Files.readString(ROOT.resolve(source))))
          .as("%s in %s", source, page)
          .contains(flat(block.group(2)));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void showsYamlThatLoadsAndPlans(Path page) throws IOException {
    Matcher block = YAML.matcher(Files.readString(page));
    while (block.find()) {
      String text = block.group(1);
      if (text.startsWith("# site")) {
        Path site = Files.writeString(folder.resolve("site.yaml"), text);
        assertThat(SiteFiles.read(Map.of(SiteFiles.VARIABLE, site.toString()), null)
                .layers())
            .hasSize(1);
      } else {
        WorkflowFile file = Workflows.fromYaml(completed(text), page.toString(), folder);
        RunOptions options = RunOptions.builder()
            .machine(new Machine(4, MemorySize.parse("16GB")))
            .build();
        assertThat(Muster.plan(file, options).stages()).isNotEmpty();
      }
    }
  }

  /** Makes a workflow of a part of one: a list of stages gets those that it names, a section a stage. */
  private static String completed(String text) {
    if (text.startsWith("- ")) {
      Set<String> named = new LinkedHashSet<>();
      Matcher names = NAMED.matcher(text);
      while (names.find()) {
        String found = names.group(1) != null ? names.group(1) : names.group(2);
        named.addAll(List.of(found.split(", *")));
      }
      String others = named.stream()
          .filter(name -> !text.contains("id: " + name))
          .map(name -> "    - {id: " + name + ", op: other, needs: []}\n")
          .collect(Collectors.joining());
      return "analysis:\n  stages:\n" + others + text.indent(4);
    }
    boolean whole = text.contains("analysis:") || text.contains("stages:");
    return whole ? text : text + "analysis: {stages: [{id: Stage, op: other}]}\n";
  }

  @ParameterizedTest
  @MethodSource("pages")
  void linksToFilesThatExist(Path page) throws IOException {
    Matcher link = LINK.matcher(Files.readString(page));
    while (link.find()) {
      assertThat(page.resolveSibling(link.group(1))).as("a link of %s", page).exists();
    }
  }

  @Test
  void namesOnThePageOfTheArchitectureExist() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/architecture.md"));
    Set<String> sources = new HashSet<>();
    try (Stream<Path> all = Files.walk(ROOT)) {
      all.filter(path -> !path.toString().contains("/target/"))
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".java") || name.endsWith(".py"))
          .forEach(name -> sources.add(name.replaceFirst("\\.java$", "")));
    }
    Matcher name = SOURCE_NAME.matcher(page);
    Set<String> missing = new TreeSet<>();
    int count = 0;
    while (name.find()) {
      count++;
      if (!sources.contains(name.group(1))) {
        missing.add(name.group(1));
      }
    }
    assertThat(missing).isEmpty();
    assertThat(count).isGreaterThan(40);
    Matcher module = MODULE_ROW.matcher(page);
    while (module.find()) {
      Matcher folder = FOLDER.matcher(module.group(1));
      while (folder.find()) {
        assertThat(ROOT.resolve(folder.group(1)).resolve("pom.xml")).exists();
      }
    }
  }

  private static String flat(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n")).strip();
  }
}
