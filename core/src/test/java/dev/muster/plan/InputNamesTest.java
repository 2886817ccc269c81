package dev.muster.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.Workflows;
import dev.muster.error.WorkflowException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputNamesTest {
  private static Plan plan(String op, String from) {
    return Muster.plan(Workflows.fromYaml("""
        name: names
        analysis:
          stages:
            - {id: A, op: shell, params: {command: "true"}}
            - {id: B, op: %s, from: %s, params: {command: "true"}}
        """.formatted(op, from)), RunOptions.defaults());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shell | a b | a-b | the variable MUSTER_INPUT_a_b",
        "shell | a.b | a_b | the variable MUSTER_INPUT_a_b",
        "python | a b | a.b | the argument a_b"
      })
  void refusesTwoInputsOfOneName(String op, String one, String other, String what) {
    String from = "[{node: A, as: '" + one + "'}, {node: A, as: '" + other + "'}]";
    assertThatThrownBy(() -> plan(op, from))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("the inputs '" + one + "' and '" + other + "' would both be " + what);
  }

  @Test
  void takesInputsThatDiffer() {
    assertThat(plan("shell", "[{node: A, as: 'a b'}, {node: A, as: c}]").stages())
        .hasSize(2);
  }
}
