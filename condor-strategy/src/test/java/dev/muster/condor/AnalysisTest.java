package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.Held;
import dev.muster.batch.spi.JobStatus.Impossible;
import dev.muster.batch.spi.JobStatus.Pending;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnalysisTest {
  private static JobStatus explained(int code, String out) {
    return Analysis.explained(
        new CommandResult(List.of("condor_q", "-better-analyze", "9.0"), code, out, ""));
  }

  private static String summary(int machines, int rejected, int unwilling) {
    return "9.000:  Run analysis summary ignoring user priority.  Of " + machines
        + " machines,\n      "
        + rejected + " are rejected by your job's requirements\n      " + unwilling
        + " reject your job because of their own requirements\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "memory; TARGET.Memory >= RequestMemory (RequestMemory = 99999999 (mb))",
        "gpus; TARGET.GPUs >= RequestGPUs (RequestGPUs = 9)",
        "requirements; OpSysName == \"Solaris\"",
        "either; Cpus > 1000 || Memory < 0"
      })
  void namesTheConditionThatNoMachineMeets(String what, String condition) {
    assertThat(explained(0, Resources.text("analyze-" + what + ".txt")))
        .isEqualTo(new Impossible("none of the 1 machine of the pool meets " + condition));
  }

  @ParameterizedTest
  @ValueSource(strings = {"busy", "running"})
  void aJobThatWaitsForItsTurnIsNotImpossible(String what) {
    assertThat(explained(0, Resources.text("analyze-" + what + ".txt")))
        .isEqualTo(new Pending(null));
  }

  @Test
  void tellsThatAJobIsHeld() {
    assertThat(explained(0, Resources.text("analyze-held.txt")))
        .isEqualTo(new Held("submitted on hold at user's request"));
  }

  @Test
  void tellsThatThereAreNoMachines() {
    assertThat(explained(0, summary(0, 0, 0)))
        .isEqualTo(new Pending("HTCondor sees no machine in the pool"));
  }

  @Test
  void tellsThatMachinesAreUnwilling() {
    assertThat(explained(0, summary(5, 3, 2)))
        .isEqualTo(new Pending(
            "no machine is willing to run it now; 2 could, but for their own requirements"));
  }

  @Test
  void tellsThatOnlyAllRequirementsTogetherAreTooMuch() {
    assertThat(explained(0, summary(7, 7, 0)))
        .isEqualTo(new Impossible(
            "none of the 7 machines of the pool meets all of its requirements at once"));
  }

  @Test
  void tellsNothingWhereNobodyAnswered() {
    assertThat(explained(1, "Error: Can't find address")).isEqualTo(new Pending(null));
    assertThat(explained(0, "-- Schedd: x\n")).isEqualTo(new Pending(null));
  }
}
