package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmOwnTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "--exclusive --output=/x    | output",
        "--arra=0-9                 | array",
        "--a=0-9                    | array",
        "--outp /x                  | output",
        "-vJx                       | job-name",
        "-J x                       | job-name",
        "-Qo/x                      | output",
        "-N1 -e/x                   | error",
        "--mem=4G\t--job-nam=x      | job-name",
        "--\"output\"=x             | output",
        "\"--output=x\"             | output",
        "--ou\\tput=x               | output",
        "--comment=x --dep=afterok:1| dependency",
        "--wai                      | wait",
        "-W                         | wait",
        "-V                         | version",
        "--exclusive -h             | help",
        "--chd=/                    | chdir",
        "--cl=other                 | clusters",
      })
  void findsWhatMusterSets(String line, String option) {
    assertThat(SlurmOwn.find(line.strip())).isEqualTo(option);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--exclusive",
        "--comment=\"--output of it\"",
        "--nice=5",
        "-C gpu",
        "-Cha",
        "-pJ",
        "--wait-all-nodes=1",
        "--mail-type=END --mail-user=a@b",
        "--exclude=node1",
        "--export=ALL",
        "-v",
        "--hint=nomultithread",
        "--no-requeue",
        "--mem-per-cpu=2G",
        "--gres=gpu:1",
        "--error-x",
        "-n 1"
      })
  void letsOthersPass(String line) {
    assertThat(SlurmOwn.find(line)).isNull();
  }
}
