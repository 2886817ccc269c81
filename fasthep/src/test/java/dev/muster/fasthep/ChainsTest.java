package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fasthep.Chains.Chain;
import dev.muster.fasthep.FastHepPlan.Node;
import dev.muster.fasthep.FastHepPlan.Port;
import dev.muster.fasthep.FastHepPlan.When;
import dev.muster.fasthep.FastHepPlan.Wish;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChainsTest {
  private static final Wish NONE = Wish.NONE;
  private static final Wish GPU = Nodes.require("gpu");

  @Test
  void oneRouteIsOneChain() {
    Nodes nodes = new Nodes().source("s").transform("a", NONE, "s").transform("b", NONE, "a", "s");

    assertThat(chains(nodes)).containsExactly("s a b");
  }

  @Test
  void twoPoolsInOnePartitionAreTwoChains() {
    Nodes nodes = new Nodes().source("s").transform("a", NONE, "s").transform("g", GPU, "a");

    assertThat(chains(nodes)).containsExactly("s a", "g");
  }

  @Test
  void backAndForthIsAChainForEachStep() {
    Nodes nodes = new Nodes()
        .source("s")
        .transform("g1", GPU, "s")
        .transform("a", NONE, "g1")
        .transform("g2", GPU, "a")
        .transform("b", NONE, "g2", "s");

    assertThat(chains(nodes)).containsExactly("s", "g1", "a", "g2", "b");
  }

  @Test
  void whatNeedsNothingOfAnotherPoolStaysInTheFirstChain() {
    Nodes nodes = new Nodes()
        .source("s")
        .transform("g", GPU, "s")
        .transform("after", NONE, "g")
        .transform("beside", NONE, "s");

    assertThat(chains(nodes)).containsExactly("s beside", "g", "after");
  }

  @Test
  void aTimeoutIsOfOneNode() {
    Wish timed = Nodes.timeout(60);
    Nodes nodes = new Nodes()
        .source("s")
        .transform("a", timed, "s")
        .transform("b", timed, "a")
        .transform("c", NONE, "b");

    assertThat(chains(nodes)).containsExactly("s", "a", "b", "c");
  }

  @Test
  void lateSinksAndSharedNodesAreInNoChain() {
    Nodes nodes = new Nodes()
        .shared("table", NONE)
        .source("s")
        .transform("a", NONE, "s", "table")
        .sink("each", When.PARTITION_END, "a")
        .sink("set", When.DATASET_END, "a")
        .sink("end", When.RUN_END, "a");

    assertThat(chains(nodes)).containsExactly("s a each");
    Chains chains = Chains.of(nodes.plan(), false);
    assertThat(chains.shared()).extracting(Node::id).containsExactly("table");
    assertThat(chains.keptOfShared()).containsExactly(new Port("table", "out"));
  }

  @Test
  void keepsWhatOtherChainsRead() {
    Nodes nodes = new Nodes()
        .source("s")
        .transform("a", NONE, "s")
        .transform("b", NONE, "a")
        .transform("g", GPU, "b");

    assertThat(kept(nodes, 0)).containsExactly("b");
    assertThat(kept(nodes, 1)).isEmpty();
  }

  @Test
  void keepsWhatIsReadBehindANodeThatDoesNotApply() {
    Nodes nodes = new Nodes()
        .source("s")
        .transform("a", NONE, "s")
        .onlyE("b", GPU, "a")
        .transform("c", Nodes.require("big"), "b");

    assertThat(kept(nodes, 0)).containsExactly("a");
    Chains chains = Chains.of(nodes.plan(), false);
    Node last = nodes.plan().nodes().get(3);
    assertThat(chains.reads(last)).extracting(Port::node).containsExactly("b", "a");
    assertThat(chains.datasets(chains.all().get(1))).containsExactly("e");
  }

  @Test
  void anOrderIsNoValue() {
    Nodes nodes = new Nodes().source("s").transform("g", GPU, "s!");

    assertThat(kept(nodes, 0)).isEmpty();
    Chains chains = Chains.of(nodes.plan(), false);
    assertThat(chains.waitsFor(nodes.plan().nodes().get(1))).containsExactly("s");
  }

  @Test
  void edgesThatWereDroppedStayAwayWhereItIsToBeCompatible() {
    Nodes nodes = new Nodes().source("s").source("t").transform("g", GPU, "s", "t?");

    assertThat(Chains.of(nodes.plan(), false).reads(nodes.plan().nodes().get(2)))
        .extracting(Port::node)
        .containsExactly("s", "t");
    assertThat(Chains.of(nodes.plan(), true).reads(nodes.plan().nodes().get(2)))
        .extracting(Port::node)
        .containsExactly("s");
  }

  @Test
  void withoutPartitionsEveryNodeRuns() {
    Nodes nodes = new Nodes().transform("a", NONE).onlyE("b", NONE, "a");

    assertThat(text(Chains.of(nodes.plan(List.of()), false))).containsExactly("a b");
  }

  @Test
  void groupsARecordedPlan() {
    assertThat(text(Chains.of(Answers.plan("tiny_toy"), false)))
        .containsExactly("read.numbers", "stage.Split", "stage.Pair stage.EachPart");
    assertThat(Chains.of(Answers.plan("tiny_hep"), false).all()).hasSize(1);
  }

  private static List<String> chains(Nodes nodes) {
    return text(Chains.of(nodes.plan(), false));
  }

  private static List<String> text(Chains chains) {
    return chains.all().stream().map(ChainsTest::text).toList();
  }

  private static String text(Chain chain) {
    return chain.nodes().stream().map(Node::id).collect(Collectors.joining(" "));
  }

  private static List<String> kept(Nodes nodes, int chain) {
    Chains chains = Chains.of(nodes.plan(), false);
    return chains.kept(chains.all().get(chain)).stream().map(Port::node).toList();
  }
}
