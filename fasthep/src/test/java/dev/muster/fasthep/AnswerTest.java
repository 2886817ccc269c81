package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.fasthep.FastHepPlan.Edge;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.When;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerTest {
  @TempDir
  Path folder;

  @Test
  void readsAPlan() {
    FastHepPlan plan = Answers.plan("tiny_toy");

    assertThat(plan.name()).isEqualTo("plan");
    assertThat(plan.variation()).isNull();
    assertThat(plan.datasets())
        .extracting(each -> each.name() + " " + each.eventtype())
        .containsExactly("one mc", "two data");
    assertThat(plan.partitions()).hasSize(4);
    assertThat(plan.execution().get("backend")).isEqualTo("local");
    Node split = node(plan, "stage.Split");
    assertThat(split.wish().require()).isEqualTo("big");
    assertThat(split.wish().timeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(split.inputs()).containsExactly(new Edge("read.numbers", "stream", "stream", false));
    assertThat(node(plan, "stage.Lookup").shared()).isTrue();
    assertThat(node(plan, "stage.EachSet").when()).isEqualTo(When.DATASET_END);
    assertThat(node(plan, "stage.EachPart").isLate()).isFalse();
  }

  @Test
  void readsWhatRepeatsEvents() {
    assertThat(Answers.plan("join").partitions())
        .extracting(FastHepPlan.PlanPartition::repeated)
        .containsExactly(false, true);
  }

  @Test
  void knowsToWhichDatasetsANodeApplies() {
    FastHepPlan plan = Answers.plan("tiny_hep");

    assertThat(node(plan, "stage.SimOnly").datasets()).containsExactly("simulated");
    assertThat(node(plan, "stage.Lead").datasets()).containsExactly("measured", "simulated");
  }

  @Test
  void tellsWhyThereIsNoPlan() throws Exception {
    Path file = write("""
        {"ok": false, "error": {"kind": "unknown_impl", "message": "node a: no b", "hint": "register it"}}
        """);

    assertThatExceptionOfType(Answer.RefusedException.class)
        .isThrownBy(() -> Answer.read(file))
        .withMessage("node a: no b")
        .satisfies(e -> assertThat(e.kind()).isEqualTo("unknown_impl"))
        .satisfies(e -> assertThat(e.hint()).isEqualTo("register it"));
  }

  @Test
  void refusesWhatIsNoAnswer() throws Exception {
    Path cut = write("{\"ok\": true, \"python\": \"3.1");
    assertThatExceptionOfType(MusterException.class).isThrownBy(() -> Answer.read(cut));
    Path empty = write("{\"ok\": true, \"python\": \"3.11\", \"plans\": []}");
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> Answer.read(empty))
        .withMessageContaining("no plans");
  }

  @Test
  void refusesATimeoutThatIsNoTime() throws Exception {
    Path file = write(Files.readString(Answers.FOLDER.resolve("tiny_toy.json"))
        .replace("\"timeout\": 60", "\"timeout\": \"soon\""));

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> Answer.read(file))
        .withMessageContaining("stage Split.execution.timeout")
        .withMessageContaining("'soon'");
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("answer.json"), text);
  }

  private static Node node(FastHepPlan plan, String id) {
    return plan.nodes().stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow();
  }
}
