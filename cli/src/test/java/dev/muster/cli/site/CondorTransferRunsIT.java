package dev.muster.cli.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs on an HTCondor whose machines do not see the folders of the queue's machine. */
@Exclusive(Exclusive.CONDOR_APART)
class CondorTransferRunsIT extends TransferRuns {
  @Override
  String strategy() {
    return "htcondor";
  }

  @Override
  Path workspace() throws IOException {
    Path folder = Files.createTempDirectory(home().resolve("work"), "runs-");
    for (boolean done : List.of(
        folder.toFile().setReadable(true, false),
        folder.toFile().setWritable(true, false),
        folder.toFile().setExecutable(true, false))) {
      if (!done) {
        throw new IOException("the owner of the jobs cannot be let into " + folder);
      }
    }
    return folder;
  }

  @Override
  Path home() {
    return Path.of(Commands.variable("MUSTER_CONDOR_APART", "condor-up.sh --apart"));
  }

  @Override
  Map<String, String> variables() {
    return Map.of();
  }

  @Override
  String java() {
    return Commands.setting("MUSTER_CONDOR_JAVA", "condor-up.sh");
  }

  @Override
  List<String> queue() {
    return List.of("condor_q", "-allusers", "-constraint", "JobStatus =!= 3", "-af:j", "JobStatus");
  }

  @Override
  String options(String pool) {
    return "chirp: true";
  }

  @Override
  String place() {
    return "/var/tmp"; // HTCondor gives each job a /tmp of its own
  }
}
