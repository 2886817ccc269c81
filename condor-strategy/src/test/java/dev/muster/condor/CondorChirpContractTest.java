package dev.muster.condor;

import dev.muster.batch.spi.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Jobs that fetch what their machine does not have. */
final class CondorChirpContractTest extends CondorDialectContractTest {
  @Override
  protected Map<String, Object> options() {
    Map<String, Object> options = new HashMap<>(super.options());
    options.put("chirp", "false"); // unlike the jobs here
    return options;
  }

  @Override
  protected void prepareSent(JobSpec.Builder job) {
    job.config("chirp", "true");
  }

  @Override
  protected Map<String, String> deliver(JobSpec spec, int index) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch-" + index));
    for (Path file : CondorTransfer.sent(spec)) {
      Files.copy(file, scratch.resolve(file.getFileName()));
    }
    Path bin = Files.createDirectories(folder.resolve("chirp-" + index));
    // Once there is no answer, as when the queue's machine is away for a moment.
    Path chirp = Files.writeString(bin.resolve("condor_chirp"), """
        #!/bin/bash
        [ "$#" -eq 3 ] && [ "$1" = fetch ] || exit 2
        [ -e "${0}d" ] || { touch "${0}d"; echo "no answer"; exit 1; }
        exec cp -- "$2" "$3"
        """);
    if (!chirp.toFile().setExecutable(true)) {
      throw new IOException(chirp + " cannot be made executable");
    }
    Map<String, String> environment = new HashMap<>(Map.of(
        "MUSTER_JOB_INDEX", String.valueOf(index), "_CONDOR_SCRATCH_DIR", scratch.toString()));
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    return environment;
  }
}
