package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the workers of FAST-HEP's workflows have: larger pools after a failure, and on Slurm an environment that was
 * packed here, a credential, and the code, though they see nothing of this machine's folders.
 */
@Timeout(500)
class FastHepWorkersIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String EXECUTION = "execution:\n";

  @TempDir
  private Path folder;

  private Path base;

  @BeforeEach
  void copy() throws IOException {
    base = Files.createDirectory(folder.resolve("a workflow"));
    FastHepSources.copy(base);
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aTaskThatRanOutOfMemoryGoesToALargerPool(String backend) throws Exception {
    write("  backend: " + backend + "\n");

    run(Map.of(), FastHepSources.python());

    String journal = Files.readString(base.resolve("run/journal"), StandardCharsets.ISO_8859_1);
    assertThat(journal)
        .containsPattern("\"name\":\"Once/(one|two)\\.0\",\"attempt\":2,\"pool\":\"big\"")
        .doesNotContain("\"attempt\":3");
    assertThat(seen()).hasSize(2).allMatch(each -> each.contains("\"proxy\": null"));
  }

  @Test
  @Exclusive(Exclusive.SLURM_APART)
  void workersOnSlurmHaveWhatWasSentToThem() throws Exception {
    LiveSite site = LiveSite.slurm(true, folder);
    Secrets secrets = new Secrets(folder.resolve("secrets"));
    Path prefix = folder.resolve("prefix");
    Commands.lines(List.of(
        FastHepSources.python(), FastHepSources.script("make_prefix.py"), prefix.toString()));
    write("""
          backend: dask
          strategy: slurm
          staging: {mode: transfer}
          environment: {type: packed-pixi, mode: prefix}
        """);
    Map<String, String> variables = new HashMap<>(site.variables());
    variables.put("X509_USER_PROXY", secrets.proxy.toString());

    run(
        variables,
        prefix.resolve("bin/python").toString(),
        "--set",
        "credentials=[x509]",
        "--set",
        "config.poll_interval=1s",
        "--set",
        "environment.compression_level=1",
        "--set",
        "environment.worker_env_dir=/tmp");

    String hash = Secrets.hash(Files.readAllBytes(secrets.proxy));
    assertThat(seen())
        .hasSize(2)
        .allMatch(each -> each.contains("\"prefix\": \"/tmp/muster-"))
        .allMatch(each -> each.contains("\"proxy\": \"" + hash + "\""));
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  private void write(String more) throws IOException {
    String workflow = Files.readString(base.resolve("worker.yaml"));
    assertThat(workflow).contains(EXECUTION);
    Files.writeString(base.resolve("site.yaml"), workflow.replace(EXECUTION, EXECUTION + more));
  }

  private void run(Map<String, String> more, String python, String... options) throws Exception {
    Map<String, String> variables = new HashMap<>(more);
    variables.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    List<String> words = new ArrayList<>(
        List.of("-d", base.resolve("run").toString(), "--set", "config.python=" + python));
    words.addAll(List.of(options));
    MusterProcess process = MusterProcess.start(
        variables,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        base,
        "run",
        words.toArray(String[]::new));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
  }

  /** Returns what each partition's product says of its worker. */
  private List<String> seen() throws IOException {
    List<String> seen = new ArrayList<>();
    for (Path file : Folders.files(
        base.resolve("run/products"),
        file -> file.getFileName().toString().matches("seen_(one|two)\\.json"))) {
      seen.add(Files.readString(file));
    }
    return seen;
  }
}
