package dev.muster.internal.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.WorkflowException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TreeReaderTest {
  @Test
  void knowsAllEscapesOfYaml() {
    assertThat(TreeReader.read(
                SourceText.of(
                    "f",
                    "\"\\L\\P\\N\\_\\e\\/\\\\L\\x41\": ['\\L', a\\L\\\\P, \"\\L\"]\nb: |\n  \\P\n"),
                new Problems("f"))
            .toJava())
        .isEqualTo(Map.of(
            "\u2028\u2029\u0085\u00a0\u001b/\\LA",
            List.of("\\L", "a\\L\\\\P", "\u2028"),
            "b",
            "\\P\n"));
  }

  @Test
  void placesBehindSuchEscapesAreTheirs() {
    assertThatThrownBy(
            () -> TreeReader.read(SourceText.of("f", "a: [\"\\L\", \"\\q\"]"), new Problems("f")))
        .hasMessageContaining("f:1:13");
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
          04:00:00    | 04:00:00 | String
          "04:00:00"  | 04:00:00 | String
          on          | on       | String
          off         | off      | String
          yes         | yes      | String
          no          | no       | String
          Y           | Y        | String
          true        | true     | Boolean
          True        | true     | Boolean
          FALSE       | false    | Boolean
          "true"      | true     | String
          ~           | null     | null
          null        | null     | null
          'null'      | null     | String
          1_000       | 1_000    | String
          0777        | 0777     | String
          0o17        | 15       | Integer
          0x1F        | 31       | Integer
          1.10        | 1.1      | Double
          "1.10"      | 1.10     | String
          1e3         | 1000.0   | Double
          .5          | 0.5      | Double
          5.          | 5.0      | Double
          -.inf       | -Infinity | Double
          .nan        | NaN      | Double
          -           | null     | List
          4GB         | 4GB      | String
          42          | 42       | Integer
          -42         | -42      | Integer
          +42         | 42       | Integer
          3000000000  | 3000000000 | Long
          9223372036854775807 | 9223372036854775807 | Long
          9223372036854775808 | 9223372036854775808 | BigInteger
          2026-01-31  | 2026-01-31 | String
          1.2.3       | 1.2.3    | String
          1e          | 1e       | String
          0x          | 0x       | String
          !!str 42    | 42       | String
          ! 42        | 42       | String
          !!float 1   | 1.0      | Double
          """)
  void readsScalars(String text, String expected, String type) {
    Object value = type.equals("List")
        ? ((List<?>) Objects.requireNonNull(read(text + "\n"))).get(0)
        : ((Map<?, ?>) Objects.requireNonNull(read("a: " + text + "\n"))).get("a");

    assertThat(String.valueOf(value)).isEqualTo(expected);
    assertThat(value == null ? "null" : value.getClass().getSimpleName())
        .isEqualTo(type.equals("List") ? "null" : type);
  }

  @Test
  void anEmptyQuotedTextIsNotNull() {
    assertThat(read("['', ]")).isEqualTo(List.of(""));
    assertThat(read("- ''\n-\n")).isEqualTo(Arrays.asList("", null));
  }

  @Test
  void knowsWhereEverythingStands() {
    MapNode root = (MapNode) Objects.requireNonNull(tree("# first\na:\n  - b: é x\n    cc: 1\n"));
    MapNode inner = (MapNode) ((ListNode) root.entry(0).value()).item(0);

    assertThat(List.of(root.entry(0).line(), root.entry(0).column())).containsExactly(2, 1);
    assertThat(List.of(inner.line(), inner.column())).containsExactly(3, 5);
    assertThat(List.of(inner.entry(0).value().line(), inner.entry(0).value().column()))
        .containsExactly(3, 8);
    assertThat(List.of(inner.entry(1).line(), inner.entry(1).column())).containsExactly(4, 5);
  }

  @Test
  void countsColumnsInCharactersNotInUnits() {
    MapNode root = (MapNode) Objects.requireNonNull(tree("{a: 😀, b: c}"));

    assertThat(root.entry(1).column()).isEqualTo(8);
  }

  @Test
  void aliasesRepeatTheirAnchor() {
    assertThat(read("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n"))
        .isEqualTo(Map.of(
            "a", Map.of("b", 1),
            "c", Map.of("b", 1),
            "d", List.of(Map.of("b", 1), Map.of("b", 1))));
  }

  @Test
  void anAnchorSetAgainCountsFromThenOn() {
    assertThat(read("[&x 1, *x, &x 2, *x]")).isEqualTo(List.of(1, 1, 2, 2));
  }

  @Test
  void mergedKeysLieBelowOwnOnes() {
    assertThat(read("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a, z: 4}\n"))
        .isEqualTo(Map.of("a", Map.of("x", 1, "y", 2), "b", Map.of("x", 1, "y", 3, "z", 4)));
  }

  @Test
  void theFirstOfSeveralMergedMappingsWins() {
    assertThat(read("- &a {x: 1}\n- &b {x: 2, y: 2}\n- {<<: [*a, *b]}\n- {<<: {x: 9}}\n"))
        .isEqualTo(List.of(
            Map.of("x", 1), Map.of("x", 2, "y", 2), Map.of("x", 1, "y", 2), Map.of("x", 9)));
  }

  @Test
  void aQuotedMergeKeyIsAKey() {
    assertThat(read("{'<<': {x: 1}}")).isEqualTo(Map.of("<<", Map.of("x", 1)));
  }

  @Test
  void readsManyKeys() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append('k').append(i).append(": ").append(i).append('\n');
    }

    assertThat((Map<?, ?>) read(text.toString())).hasSize(20_000);
  }

  @Test
  void stopsAliasBombs() {
    StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String item = "*a" + (i - 1);
      text.append(
          "a%d: &a%d [%s]%n".formatted(i, i, String.join(", ", Collections.nCopies(9, item))));
    }

    assertThatThrownBy(() -> read(text.toString()))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("repeat more than 500000 values");
  }

  @Test
  void stopsBombsOfMergedMappings() {
    StringBuilder text = new StringBuilder("a0: &a0 {a: 1, b: 2, c: 3, d: 4}\n");
    for (int i = 1; i < 30; i++) {
      text.append("a%d: &a%d {x: *a%d, y: *a%d}%n".formatted(i, i, i - 1, i - 1));
    }

    assertThatThrownBy(() -> read(text.toString())).hasMessageContaining("repeat more than");
  }

  @ParameterizedTest
  @CsvSource({"[,10000", "{a: ,10000", "'- ',10000", "[,1000000"})
  void stopsDeepNesting(String open, int times) {
    String line = open.repeat(Math.min(times, 90_000 / open.length()));

    assertThatThrownBy(() -> read(line)).hasMessageContaining("more than 100 levels");
  }

  @Test
  void stopsDeepIndentation() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      text.append(" ".repeat(i)).append("a:\n");
    }

    assertThatThrownBy(() -> read(text.toString())).hasMessageContaining("more than 100 levels");
  }

  @Test
  void stopsNestingByAliases() {
    StringBuilder text = new StringBuilder("- &a0 [x]\n");
    for (int i = 1; i < 200; i++) {
      text.append("- &a%d [*a%d]%n".formatted(i, i - 1));
    }

    assertThatThrownBy(() -> read(text.toString())).hasMessageContaining("more than 100 levels");
  }

  @Test
  void reportsAllDuplicateKeysWithTheirPaths() {
    Problems problems = new Problems("f");
    TreeReader.read(SourceText.of("f", "a: [{b: 1, b: 2}]\nc: 1\nc: 2\n"), problems);

    assertThatThrownBy(problems::throwIfAny).hasMessage("""
            2 problems
            f:1:12: a[0].b: the key 'b' is there twice; the first is at line 1, column 6
            f:3:1: c: the key 'c' is there twice; the first is at line 2, column 1""");
  }

  @Test
  void boundsTheNumberOfProblems() {
    Problems problems = new Problems("f");
    String text = "a: 1\n".repeat(200_000);
    TreeReader.read(SourceText.of("f", text), problems);

    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOfSatisfying(
            WorkflowException.class,
            e -> assertThat(e.problems())
                .hasSize(1001)
                .last()
                .hasToString("198999 more problems are not listed"));
  }

  @Test
  void aBigNumberOfDigitsIsText() {
    String digits = "9".repeat(50_000);

    assertThat(read("[" + digits + "]")).isEqualTo(List.of(digits));
    assertThat(read("[" + digits.substring(0, 400) + "]"))
        .isEqualTo(List.of(new BigInteger(digits.substring(0, 400))));
  }

  private static Object read(String text) {
    Node tree = tree(text);
    return tree == null ? Arrays.asList() : tree.toJava();
  }

  private static Node tree(String text) {
    Problems problems = new Problems("test.yaml");
    Node tree = TreeReader.read(SourceText.of("test.yaml", text), problems);
    problems.throwIfAny();
    return tree;
  }
}
