package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.probe.ProbeReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tries out pools on this host. */
class DaskProbeIT {
  @TempDir
  Path base;

  private DaskSite site;
  private final List<Finding> heard = new CopyOnWriteArrayList<>();

  @BeforeEach
  void makeSite() throws IOException {
    site = new DaskSite(base);
  }

  private ProbeReport probe(Execution.Builder execution) throws Exception {
    return probe(execution, Duration.ofMinutes(2));
  }

  private ProbeReport probe(Execution.Builder execution, Duration patience) throws Exception {
    Plan plan = Muster.plan(
        site.workflow().stage("one").stage("add").require("gpu").build(), execution.build());
    ProbeReport report = Muster.probe(
        plan, RunOptions.builder().directory(site.directory).build(), patience, heard::add);
    assertThat(report.findings()).containsExactlyElementsOf(heard);
    assertThat(site.processes()).isEmpty();
    return report;
  }

  private static Execution.Builder pools() {
    return DaskSite.execution()
        .pool("default", pool -> pool.workers(2))
        .pool("gpu", pool -> pool.workers(1));
  }

  private Finding finding(String pool, String check) {
    return heard.stream()
        .filter(each -> pool.equals(each.pool()) && check.equals(each.check()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(pool + " " + check + " is not in " + heard));
  }

  @Test
  void findsNothingWrongWhereNothingIs() throws Exception {
    assertThat(probe(pools()).good()).as("%s", heard).isTrue();
    for (String pool : List.of("default", "gpu")) {
      for (String check : List.of(
          "submission", "start", "python", "operations", "network", "scratch", "shared paths")) {
        assertThat(finding(pool, check).outcome()).isEqualTo(Outcome.GOOD);
      }
    }
  }

  @Test
  void tellsWhatIsMissingPoolByPool() throws Exception {
    ProbeReport report = probe(DaskSite.execution()
        .pool("default", pool -> pool.workers(1).disk("900PB"))
        .pool("gpu", pool -> pool.workers(1).gpus(64).config("scratch", "/proc/nowhere")));
    assertThat(report.good()).isFalse();
    assertThat(finding("default", "scratch").detail()).contains("the pool asks for");
    assertThat(finding("gpu", "scratch").outcome()).isEqualTo(Outcome.BAD);
    assertThat(finding("gpu", "gpu").outcome()).isNotEqualTo(Outcome.GOOD);
    assertThat(finding("default", "start").outcome()).isEqualTo(Outcome.GOOD);
  }

  @Test
  void tellsOfAPythonThatIsNotThere() throws Exception {
    assertThat(probe(pools().pool("gpu", pool -> pool.workers(1).config("python", "/no/python")))
            .good())
        .isFalse();
    assertThat(finding("gpu", "submission").detail()).contains("/no/python was not found");
    assertThat(finding("default", "python").outcome()).isEqualTo(Outcome.GOOD);
  }

  @Test
  void tellsOfAPythonThatFails() throws Exception {
    assertThat(probe(pools().pool("gpu", pool -> pool.workers(1).config("python", "/bin/false")))
            .good())
        .isFalse();
    assertThat(finding("gpu", "start").detail())
        .contains("ended (exit code 1) and had told nothing");
  }

  @Test
  void tellsOfAJobThatSaysNothing() throws Exception {
    Path slow = base.resolve("slow");
    Files.writeString(slow, "#!/bin/sh\nexec sleep 60\n");
    assertThat(slow.toFile().setExecutable(true)).isTrue();
    assertThat(probe(
                pools().pool("gpu", pool -> pool.workers(1).config("python", slow.toString())),
                Duration.ofSeconds(5))
            .good())
        .isFalse();
    assertThat(finding("gpu", "start").detail())
        .contains("has told nothing after")
        .contains("and runs");
  }

  @Test
  void tellsOfABridgeThatCannotStart() throws Exception {
    assertThat(probe(pools().config("python", "/no/python")).good()).isFalse();
    assertThat(heard).singleElement().matches(each -> each.check().equals("bridge"));
  }

  @Test
  void tellsOfAPythonThatSaysSomethingElse() throws Exception {
    Path program = Files.writeString(base.resolve("talkative"), "#!/bin/sh\necho Welcome!\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(probe(pools().config("python", program.toString())).good()).isFalse();
    assertThat(heard)
        .singleElement()
        .satisfies(each -> assertThat(each.check()).isEqualTo("bridge"))
        .satisfies(each -> assertThat(each.detail())
            .contains(program + " answered, but not as Python does", "Welcome!"));
  }
}
