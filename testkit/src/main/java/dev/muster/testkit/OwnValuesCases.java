package dev.muster.testkit;

import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The stages of {@link OwnValuesContract}. Not thread-safe. */
final class OwnValuesCases {
  /** The module in the test's folder that has the functions. */
  static final String MODULE = "own_values";

  private static final Pattern INPUT = Pattern.compile("(\\w+)=(\\w+)(?:\\.(\\w+))?");

  private final List<Row> rows = new ArrayList<>();
  private @Nullable String before;

  /**
   * A stage.
   *
   * @param read whether another stage reads its output
   * @param expected its output's text, or null if that is not looked at
   */
  record Row(Stage stage, boolean read, @Nullable String expected) {
    /** Tells whether it is about what a function holds on to from one call to the next. */
    boolean holds() {
      return stage.id().startsWith("held_") || stage.id().equals("all_read");
    }
  }

  private OwnValuesCases() {}

  /** Returns all stages, in their order. */
  static List<Row> all() {
    OwnValuesCases cases = new OwnValuesCases();
    cases.readTwice("list", "make_list", "spoil", "look", "[1]", "[1, 2]");
    cases.readTwice(
        "nested", "make_nested", "spoil_nested", "look", "[[1], {a=[1]}]", "[[1, 2], {a=[1, 2]}]");
    cases.readTwice("map", "make_map", "spoil_map", "look", "{a=[1]}", "{a=[1, 2], b=3}");
    cases.readTwice("twice", "make_twice", "spoil_first", "look", "[[1], [1]]", "[[1, 2], [1, 2]]");
    cases.read("numbers_made", "make_numbers", null);
    cases.last("numbers_spoilt", "spoil_numbers", "[9.0, 2.0]", "item=numbers_made");
    cases.last("numbers_read", "look_at_numbers", "[1.0, 2.0]", "item=numbers_made");
    cases.many("many", "default");
    cases.many("many_elsewhere", "second");
    cases.elsewhere("list_spoilt_elsewhere", "spoil", "[1, 2]", "item=list_made");
    cases.elsewhere("list_read_elsewhere", "look", "[1]", "item=list_made");
    cases.last("two_inputs", "spoil_one", "[[1, 2], [1]]", "one=list_made", "two=list_made");
    cases.add(
        cases.stage("retried", "spoil_and_fail_once", "item=list_made").retries(1),
        false,
        "[1, 2]");
    cases.read("names_made", "make_names", "{one=[1], two=[1]}");
    cases.last("name_spoilt", "spoil", "[1, 2]", "item=names_made.one");
    cases.last("name_read", "look", "[1]", "item=names_made.one");
    cases.last("other_name_read", "look", "[1]", "item=names_made.two");
    cases.read("held_1", "hoard", "[0]");
    cases.read("held_2", "hoard", "[0, 1]");
    cases.read("held_3", "hoard", "[0, 1, 2]");
    cases.last(
        "all_read",
        "look_at_three",
        "[[0], [0, 1], [0, 1, 2]]",
        "one=held_1",
        "two=held_2",
        "three=held_3");
    cases.context("context_spoilt");
    cases.context("context_read");
    cases.chain();
    cases.read("object_made", "make_object", null);
    cases.last("object_spoilt", "spoil_object", "spoilt", "item=object_made");
    cases.last("object_read", "look_at_object", "made", "item=object_made");
    return cases.rows;
  }

  private void readTwice(
      String name, String make, String spoil, String look, String made, String spoilt) {
    read(name + "_made", make, made);
    last(name + "_spoilt", spoil, spoilt, "item=" + name + "_made");
    last(name + "_read", look, made, "item=" + name + "_made");
  }

  /** Adds stages that nothing keeps from being one task: each has no other reader and waits for nothing else. */
  private void chain() {
    before = null;
    read("chain_made", "hold", "[1]");
    before = null;
    read("chain_passed_on", "spoil_held", "[1]", "item=chain_made");
    before = null;
    read("chain_spoilt", "spoil", "[1, 2]", "item=chain_passed_on");
    before = null;
    last("chain_read", "look", "[1, 2]", "item=chain_spoilt");
  }

  /** Adds stages that pass on large arrays: to one reader alone, and to two. */
  private void many(String name, String pool) {
    read(name + "_made", "make_many_numbers", null);
    for (int reader = 1; reader <= 2; reader++) {
      add(
          stage(name + "_spoilt_" + reader, "spoil_and_add_up", "item=" + name + "_made")
              .require(pool),
          false,
          "100008.0");
    }
    read(name + "_made_for_one", "make_many_numbers", null);
    add(
        stage(name + "_taken", "spoil_and_add_up", "item=" + name + "_made_for_one")
            .require(pool),
        false,
        "100008.0");
  }

  private void elsewhere(String name, String function, String expected, String... inputs) {
    add(stage(name, function, inputs).require("second"), false, expected);
  }

  private void context(String name) {
    Stage.Builder stage = stage(name, "spoil_context")
        .param("listed", List.of(1))
        .param("named", "n")
        .environment(environment -> environment.variable("OWN_VALUE", "1"));
    add(stage, false, "[[1], n, [listed, named], [OWN_VALUE]]");
  }

  private void read(String name, String function, @Nullable String expected, String... inputs) {
    add(stage(name, function, inputs), true, expected);
  }

  private void last(String name, String function, String expected, String... inputs) {
    add(stage(name, function, inputs), false, expected);
  }

  private void add(Stage.Builder stage, boolean read, @Nullable String expected) {
    rows.add(new Row(stage.build(), read, expected));
  }

  /** Returns a stage that runs after the one before. {@code inputs}: {@code name=stage} or {@code name=stage.port}. */
  private Stage.Builder stage(String name, String function, String... inputs) {
    List<StageInput> from = new ArrayList<>();
    List<String> needs = new ArrayList<>();
    for (String input : inputs) {
      Matcher parts = INPUT.matcher(input);
      if (!parts.matches()) {
        throw new IllegalArgumentException(input);
      }
      from.add(new StageInput(parts.group(2), parts.group(3), parts.group(1)));
      needs.add(parts.group(2));
    }
    if (before != null && !needs.contains(before)) {
      needs.add(before);
    }
    before = name;
    return Stage.builder(name)
        .op("python")
        .param("callable", MODULE + ":" + function)
        .needs(needs.toArray(String[]::new))
        .from(from);
  }
}
