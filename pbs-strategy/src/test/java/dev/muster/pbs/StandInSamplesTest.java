package dev.muster.pbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs that stand in for the commands say what real ones say: samples of manuals and of what users report. What
 * stands on them would otherwise stand on our own words.
 */
class StandInSamplesTest {
  @TempDir
  private Path folder;

  private void job(String name, String... values) throws IOException {
    Path job = Files.createDirectories(folder.resolve("jobs").resolve(name));
    for (int at = 0; at < values.length; at += 2) {
      Files.writeString(job.resolve(values[at]), values[at + 1]);
    }
  }

  /** Runs a command; returns what it prints, and behind it its exit code. */
  private String says(String kind, String... command) throws Exception {
    List<String> words = new ArrayList<>(List.of(command));
    String place = command[0].startsWith("pj") ? "pjm" : "pbs";
    words.set(
        0,
        Path.of("src/test/resources/standin", place, command[0])
            .toAbsolutePath()
            .toString());
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("STANDIN", folder.toString(), "STANDIN_PBS", kind, "STANDIN_PJM", kind));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + "= " + process.waitFor() + "\n";
  }

  private void jobsOfPbs() throws IOException {
    job("1234", "name", "step-a", "pid", "1");
    job("1235_0", "name", "many");
    job("1235_1", "name", "many");
    job(
        "1240",
        "name",
        "step-a",
        "code",
        "0",
        "took",
        "12",
        "cput",
        "00:00:10",
        "mem",
        "9692kb",
        "comment",
        "Job run at Mon Nov 30 at 12:00 and finished");
  }

  @Test
  void theTableOfPbs() throws Exception {
    jobsOfPbs();
    assertThat(says("pro", "qstat", "1234.pbs01", "1235[].pbs01")).isEqualTo("""
        Job id            Name             User              Time Use S Queue
        ----------------  ---------------- ----------------  -------- - -----
        1234.pbs01        step-a           alice             00:00:03 R workq
        1235[].pbs01      many             alice                    0 B workq
        = 0
        """);
    assertThat(says("pro", "qstat", "-t", "1235[].pbs01")).contains("\n1235[1].pbs01     many ");
    assertThat(says("pro", "qstat", "1235.pbs01"))
        .as("an array is not known by its number alone")
        .isEqualTo("qstat: Unknown Job Id 1235.pbs01\n= 153\n");
  }

  @Test
  void jobsOfPbsThatAreOver() throws Exception {
    jobsOfPbs();
    assertThat(says("history", "qstat", "1240.pbs01"))
        .isEqualTo("qstat: 1240.pbs01 Job has finished, use -x or -H to obtain historical job"
            + " information\n= 35\n");
    assertThat(says("pro", "qstat", "1240.pbs01"))
        .isEqualTo("qstat: Unknown Job Id 1240.pbs01\n= 153\n");
    assertThat(says("pro", "qstat", "x"))
        .isEqualTo("qstat: illegally formed job identifier: x\n= 1\n");
    assertThat(says("history", "qdel", "1240.pbs01"))
        .isEqualTo("qdel: Job has finished 1240.pbs01\n= 35\n");
    assertThat(says("pro", "qdel", "1299.pbs01"))
        .isEqualTo("qdel: Unknown Job Id 1299.pbs01\n= 153\n");
    assertThat(says("history", "qstat", "-x", "-f", "1240.pbs01"))
        .startsWith("Job Id: 1240.pbs01\n    Job_Name = step-a\n")
        .contains("\n    job_state = F\n", "\n    Exit_status = 0\n", ",\n\tPBS_O_WORKDIR=");
  }

  @Test
  void theDocumentsOfPbsAreBroken() throws Exception {
    jobsOfPbs();
    String[] command = {"qstat", "-x", "-f", "-F", "json", "1240.pbs01"};
    String sample = """
        { "timestamp":1761821236, "pbs_version":"23.06.06", "pbs_server":"pbs01",
          "Jobs":{ "1240.pbs01":{ "Job_Name":"step-a", "Job_Owner":"alice@login1", "job_state":"F", "queue":"workq",
            "resources_used":{ "cput":"00:00:10", "mem":"9692kb", "ncpus":1, "walltime":"00:00:12" },
            "Exit_status":0, "comment":"Job run at Mon Nov 30 at 12:00 and finished", "Variable_List":{ "PBS_O_WORKDIR":"/home/alice/w" } } } }
        = 0
        """;
    assertThat(says("history", command)).isEqualTo(sample);
    Files.writeString(folder.resolve("broken"), "");
    assertThat(says("history", command)).contains("\"foo\":005");
    assertThat(says("history", "qstat", "-x", "-f", "-F", "json", "1240.pbs01", "1234.pbs01"))
        .as("of several jobs the first alone")
        .doesNotContain("1234.pbs01");
    assertThat(says("pro", "qstat", "-f", "-F", "json", "1240.pbs01"))
        .as("a job that is over")
        .doesNotContain("Jobs");
    assertThat(PbsCommands.TABLE + PbsCommands.RECORDS + PbsCommands.WHY)
        .as("what is asked for")
        .doesNotContain("json");
  }

  @Test
  void whatTorqueSaysOtherwise() throws Exception {
    jobsOfPbs();
    assertThat(says("torque", "qstat", "--version")).isEqualTo("Version: 6.1.3\n= 0\n");
    assertThat(says("pro", "qstat", "--version")).isEqualTo("pbs_version = 23.06.06\n= 0\n");
    Path script = Files.writeString(folder.resolve("job.sh"), "true\n");
    assertThat(says("torque", "qsub", "-J", "0-3", script.toString()))
        .isEqualTo("qsub: The -J option can only be used in conjunction with -P\n= 2\n");
    assertThat(says("torque", "qstat", "-x", "1240.pbs01")).isEqualTo("<Data></Data>\n= 0\n");
    assertThat(says("torque", "qstat", "1240.pbs01"))
        .isEqualTo("qstat: Unknown Job Id 1240.pbs01\n= 153\n");
    Files.writeString(folder.resolve("keep"), ""); // keep_completed
    assertThat(says("torque", "qstat", "-x", "1240.pbs01"))
        .startsWith("<Data><Job><Job_Id>1240.pbs01</Job_Id>")
        .contains("<job_state>C</job_state><exit_status>0</exit_status>");
    assertThat(says("torque", "qstat", "1240.pbs01")).contains(" C workq\n");
    assertThat(says("torque", "qstat", "-f", "1240.pbs01"))
        .contains("\n    job_state = C\n", "\n    exit_status = 0\n");
  }

  @Test
  void submissionsToPbs() throws Exception {
    Path script = Files.writeString(folder.resolve("job.sh"), "true\n");
    assertThat(says("pro", "qsub", "-h", script.toString())).isEqualTo("1234.pbs01\n= 0\n");
    assertThat(says("pro", "qsub", "-h", "-J", "0-1", script.toString()))
        .isEqualTo("1235[].pbs01\n= 0\n");
    assertThat(says("pro", "qsub", "-h", "-J", "1-1", script.toString()))
        .as("an array of one")
        .endsWith("= 2\n");
    assertThat(says("pro", "qsub", "-l", "select=1:ncpus=1", "-l", "nodes=1", script.toString()))
        .as("several -l add up")
        .endsWith("= 2\n");
  }

  @Test
  void thePlainTablesOfPjm() throws Exception {
    job("238", "name", "job.sh", "pid", "1", "start", "11/17 09:01:41", "node", "12:2x3x2");
    for (String element : List.of("239_0", "239_1")) {
      job(element, "name", "bulk.sh", "pid", "1", "start", "11/17 09:01:42", "node", "12:2x3x2");
    }
    assertThat(says("bulk", "pjstat")).isEqualTo("""
        JOB_ID  JOB_NAME  MD  ST   USER   START_DATE      ELAPSE_LIM  NODE_REQUIRE  VNODE  CORE  V_MEM
        238     job.sh    NM  RUN  alice  11/17 09:01:41  0001:00:00  12:2x3x2      -      -     -
        239     bulk.sh   BU  RUN  alice  11/17 09:01:42  0001:00:00  12:2x3x2      -      -     -
        = 0
        """);
  }

  @Test
  void theChosenFieldsOfPjm() throws Exception {
    job("167727", "name", "job.sh", "pid", "1", "code", "0");
    job("167730", "name", "job.sh", "pid", "1");
    assertThat(says("bulk", "pjstat", "-v", "-A", "--choose", "jid,st,ermsg")).isEqualTo("""
        JOB_ID     ST  REASON
        167727     EXT COMPLETED
        167730     RUN -
        = 0
        """);
    job("34703955_1", "name", "job.sh", "pid", "1", "code", "0");
    job("34703955_2", "name", "job.sh", "pid", "1");
    assertThat(says("bulk", "pjstat", "-E", "--data", "--choose=jid,st,ec,pc", "34703955"))
        .isEqualTo("""
            H,JOB_ID,ST,EC,PC
            ,34703955,RUN,-,-
            ,34703955[1],EXT,0,0
            ,34703955[2],RUN,-,-
            = 0
            """);
    assertThat(says("bulk", "pjstat", "--data", "--choose=jid,st", "167727"))
        .as("the list of jobs that are not over")
        .isEqualTo("H,JOB_ID,ST\n= 0\n");
  }

  @Test
  void submissionsToPjmAndTheirEnds() throws Exception {
    Path script = Files.writeString(folder.resolve("job.sh"), "sleep 60\n");
    assertThat(says("bulk", "pjsub", script.toString()))
        .isEqualTo("[INFO] PJM 0000 pjsub Job 1234 submitted.\n= 0\n");
    assertThat(says("bulk", "pjsub", "-z", "jid", script.toString())).isEqualTo("1235\n= 0\n");
    assertThat(says("bulk", "pjsub", "-L", "node=32", script.toString()))
        .startsWith("[ERR.] PJM 0057 pjsub node=32 is greater than the upper limit (24).\n");
    assertThat(says("single", "pjsub", "--bulk", "--sparam", "0-9", script.toString()))
        .startsWith("[ERR.] PJM 0070 pjsub No execute permission: pjsub-bulk.\n");
    assertThat(says("bulk", "pjstat", "--choose=jid", "r1"))
        .startsWith("[ERR.] PJM 0211 pjstat Invalid jobid: r1.\n");
    assertThat(says("bulk", "pjdel", "1234", "1235")).isEqualTo("""
            [INFO] PJM 0100 pjdel Accepted job 1234.
            [INFO] PJM 0100 pjdel Accepted job 1235.
            = 0
            """);
    assertThat(says("bulk", "pjdel", "1299"))
        .startsWith("[ERR.] PJM ")
        .contains("Job 1299 does not exist");
  }
}
