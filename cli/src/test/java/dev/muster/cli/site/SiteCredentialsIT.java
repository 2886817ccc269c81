package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A proxy and a token on the workers of real batch systems: those that see this machine's folders, and those that do
 * not.
 */
@Timeout(200)
class SiteCredentialsIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir
  private Path folder;

  private LiveSite site;
  private Path base;
  private Path run;
  private Secrets secrets;
  private MusterProcess process;

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (process != null) {
      process.end();
    }
    await().atMost(LIMIT).until(() -> site.jobs().isEmpty());
  }

  @Test
  @Exclusive(Exclusive.SLURM)
  void slurmWithASharedFileSystem() throws Exception {
    theyAreOnWorkersAndNowhereElse(LiveSite.slurm(false, folder));
  }

  @Test
  @Exclusive(Exclusive.SLURM_APART)
  void slurmWithTransfer() throws Exception {
    theyAreOnWorkersAndNowhereElse(LiveSite.slurm(true, folder));
  }

  @Test
  @Exclusive(Exclusive.CONDOR)
  void condorWithASharedFileSystem() throws Exception {
    theyAreOnWorkersAndNowhereElse(LiveSite.condor(false));
  }

  @Test
  @Exclusive(Exclusive.CONDOR_APART)
  void condorWithTransfer() throws Exception {
    theyAreOnWorkersAndNowhereElse(LiveSite.condor(true));
  }

  private void theyAreOnWorkersAndNowhereElse(LiveSite place) throws Exception {
    prepare(place);
    start();

    // The search finds what is there: the run's copies, and those that were sent.
    assertThat(found())
        .isNotEmpty()
        .allSatisfy(file -> assertThat(file.getFileName().toString()).isIn("x509", "wlcg"));
    assertThat(found()).anyMatch(file -> file.startsWith(base) != site.apart());
    assertThat(secrets.processesWithSecrets(process.pid())).isEmpty();
    if (site.strategy().equals("htcondor")) {
      assertThat(Commands.lines(
              site.variables(), List.of("condor_q", "-allusers", "-af", "x509userproxysubject")))
          .isNotEmpty()
          .allMatch(subject -> subject.contains("/O=Test/CN=User"));
    }
    String first = seen(secrets.proxyHash());
    secrets.renew();
    process.awaitEnd(LIMIT);

    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("was renewed");
    String second = seen(secrets.proxyHash());
    assertThat(result()).containsExactly(first, second, second);
    assertThat(run.resolve("debug/credentials")).doesNotExist();
    await().atMost(LIMIT).until(() -> site.jobs().isEmpty());
    await().atMost(LIMIT).untilAsserted(() -> assertThat(found()).isEmpty());
  }

  private void prepare(LiveSite place) throws Exception {
    site = place;
    assertThat(site.jobs()).as("jobs of somebody else").isEmpty();
    secrets = new Secrets(site.workspace().resolve("secrets"), site.owner());
    base = Files.createDirectory(site.workspace().resolve("work"));
    LiveSite.open(base);
    run = base.resolve("run");
    try (InputStream operations =
        Objects.requireNonNull(getClass().getResourceAsStream("proxyops.py"))) {
      Files.copy(operations, base.resolve("proxyops.py"));
    }
    // A token that jobs have from elsewhere; HTCondor's have nothing of the kind.
    String directives = site.strategy().equals("slurm")
        ? ", job_extra_directives: [\"--export=ALL,BEARER_TOKEN=stale\"]"
        : "";
    Files.writeString(base.resolve("site.yaml"), """
        name: site
        registry:
          operations: {watch: "proxyops:watch"}
        analysis:
          stages:
            - {id: First, op: watch, params: {renewal: true}}
            - {id: Second, op: watch, needs: [First]}
        execution:
          backend: dask
          strategy: %s
          staging: %s
          credentials: {use: [x509, wlcg], required_lifetime: 1h}
          config: {python: %s, poll_interval: 1s%s}
          pools:
            default: {workers: 1, resources: {cpus: 1}, config: {python: %s}}
        """.formatted(
            site.strategy(),
            site.apart() ? "transfer" : "shared",
            site.python(),
            directives,
            site.workerPython()));
  }

  /** Starts the run, and waits until its first task has looked. */
  private void start() throws Exception {
    Map<String, String> variables = new HashMap<>(site.variables());
    variables.put("X509_USER_PROXY", secrets.proxy.toString());
    variables.put("BEARER_TOKEN_FILE", secrets.tokenFile.toString());
    process = MusterProcess.start(variables, site.java(), base, "run", "--run-dir", run.toString());
    await("the first task looks").atMost(LIMIT).until(() -> looked() || !process.running());
    assertThat(process.running()).as(process.output()).isTrue();
  }

  private boolean looked() throws IOException {
    for (Path place : places()) {
      if (!Folders.files(place, file -> file.endsWith("seen-First.txt")).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private List<Path> places() {
    return Stream.concat(Stream.of(base), site.traces().stream()).toList();
  }

  private List<Path> found() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path place : places()) {
      found.addAll(secrets.filesWithSecrets(place));
    }
    return found;
  }

  private String seen(String proxy) throws Exception {
    return "token variable: False, proxy: " + proxy + " 0o600, token: "
        + Secrets.hash(Files.readAllBytes(secrets.tokenFile)) + " 0o600, originals: False";
  }

  private List<String> result() throws IOException {
    List<Path> files =
        Folders.files(run.resolve("Second"), file -> file.endsWith("seen-Second.txt"));
    assertThat(files).hasSize(1);
    return Files.readAllLines(files.get(0));
  }
}
