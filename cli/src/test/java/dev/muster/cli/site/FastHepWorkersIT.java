package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the workers of FAST-HEP's workflows have: larger pools after a failure, and on Slurm an environment that was
 * packed here, and a credential. Needs a Python with FAST-HEP, as {@link FastHepRunsIT} does.
 */
@Exclusive(Exclusive.SLURM)
@Timeout(500)
class FastHepWorkersIT {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Path TESTS =
      Path.of("../fasthep/src/test").toAbsolutePath().normalize();
  private static final String EXECUTION = "execution:\n";

  @TempDir
  private Path folder;

  private Path base;

  @BeforeEach
  void copy() throws IOException {
    base = Files.createDirectory(folder.resolve("a workflow"));
    Path workflows = TESTS.resolve("resources/workflows");
    try (Stream<Path> files = Files.walk(workflows)) {
      files.filter(Files::isRegularFile).forEach(file -> {
        try {
          Path target = base.resolve(workflows.relativize(file));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private static String python() {
    String named = System.getenv("MUSTER_FASTHEP_PYTHON");
    String cache = Objects.requireNonNullElse(
        System.getenv("MUSTER_CACHE"), System.getProperty("user.home") + "/.cache/muster");
    String python = named != null ? named : cache + "/venvs/fasthep-2026.10.1/bin/python";
    assertThat(Path.of(python)).as("scripts/fasthep-env.sh makes it").isExecutable();
    return python;
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void aTaskThatRanOutOfMemoryGoesToALargerPool(String backend) throws Exception {
    write("  backend: " + backend + "\n");

    run(Map.of(), python());

    String journal = Files.readString(base.resolve("run/journal"), StandardCharsets.ISO_8859_1);
    assertThat(journal)
        .containsPattern("\"name\":\"Once/(one|two)\\.0\",\"attempt\":2,\"pool\":\"big\"")
        .doesNotContain("\"attempt\":3");
    assertThat(seen()).hasSize(2).allMatch(each -> each.contains("\"proxy\": null"));
  }

  @Test
  void workersOnSlurmHaveThePackedEnvironmentAndTheCredential() throws Exception {
    LiveSite site = LiveSite.slurm(false, folder);
    Secrets secrets = new Secrets(folder.resolve("secrets"));
    Path prefix = folder.resolve("prefix");
    Commands.lines(
        List.of(python(), TESTS.resolve("python/make_prefix.py").toString(), prefix.toString()));
    write("  backend: dask\n  strategy: slurm\n  environment: {type: packed-pixi, mode: prefix}\n");
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
        "environment.worker_env_dir=" + folder.resolve("workers"));

    String hash = Secrets.hash(Files.readAllBytes(secrets.proxy));
    assertThat(seen())
        .hasSize(2)
        .allMatch(each -> each.contains("\"prefix\": \"" + folder.resolve("workers") + "/"))
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
