package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs on real Dask workers and on this machine itself, with a proxy certificate and a token that are real but for
 * their issuers.
 */
@Timeout(300)
class CredentialsIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String OPERATIONS = """
      import hashlib
      import os
      import pathlib
      import time


      def look(ctx, wait=False, **inputs):
          base = pathlib.Path(ctx.base_dir)
          lines = ["BEARER_TOKEN" in os.environ]
          for name in ("X509_USER_PROXY", "BEARER_TOKEN_FILE"):
              path = os.environ[name]
              lines.append(hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest())
              lines.append(oct(os.stat(path).st_mode & 0o777))
              lines.append(oct(os.stat(os.path.dirname(path)).st_mode & 0o777))
          (base / (ctx.stage + ".new")).write_text(" ".join(map(str, lines)))
          (base / (ctx.stage + ".new")).rename(base / (ctx.stage + ".seen"))
          for turn in range(900):
              if not wait or (base / "go").exists():
                  return 1
              time.sleep(0.1)
          raise TimeoutError("nobody said go")
      """;

  private static final String COMMAND =
      "'cat \"$X509_USER_PROXY\" \"$BEARER_TOKEN_FILE\" | sha256sum > {base_dir}/command;"
          + " printenv BEARER_TOKEN >> {base_dir}/command || true'";

  @TempDir
  private Path folder;

  private Path base;
  private Path run;
  private Secrets secrets;
  private MusterProcess process;

  @BeforeEach
  void makeWorkspace() throws Exception {
    secrets = new Secrets(folder.resolve("secrets"));
    base = Files.createDirectory(folder.resolve("work"));
    run = base.resolve("run");
    Files.writeString(base.resolve("credops.py"), OPERATIONS);
    write("dask");
  }

  private void write(String backend) throws Exception {
    String config = backend.equals("dask") ? ", security: none" : "";
    Files.writeString(base.resolve("site.yaml"), """
        name: site
        registry:
          operations: {look: "credops:look"}
        analysis:
          stages:
            - {id: First, op: look, params: {wait: true}}
            - {id: Second, op: look, needs: [First]}
            - {id: Command, op: shell, needs: [Second], params: {command: COMMAND}}
        execution:
          backend: BACKEND
          credentials: {use: [x509, wlcg], required_lifetime: 1h}
          config: {python: PYTHONCONFIG}
          pools:
            default: {workers: 1}
        """.replace("COMMAND", COMMAND)
        .replace("BACKEND", backend)
        .replace("CONFIG", config)
        .replace("PYTHON", System.getProperty("muster.dask.python", "/usr/bin/python3")));
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.end();
    }
  }

  private Map<String, String> variables(String token) {
    Map<String, String> variables = new HashMap<>();
    variables.put("X509_USER_PROXY", secrets.proxy.toString());
    variables.put("BEARER_TOKEN", token);
    return variables;
  }

  private void start() throws Exception {
    process = MusterProcess.start(
        variables(secrets.token), JAVA, base, "run", "--run-dir", run.toString());
    await("the first stage looks\n" + process.output())
        .atMost(LIMIT)
        .until(
            () -> Files.exists(base.resolve("First.seen")) || process.output().contains("rror"));
    assertThat(process.output()).doesNotContain("rror");
  }

  private Path copies() {
    return run.resolve("debug/credentials");
  }

  private String seen(String proxy) throws Exception {
    return "False " + proxy + " 0o600 0o700 "
        + Secrets.hash(secrets.token.getBytes(StandardCharsets.US_ASCII)) + " 0o600 0o700";
  }

  @ParameterizedTest
  @ValueSource(strings = {"dask", "local"})
  void tasksHaveThemAndTheNewOnesAndNothingElseDoes(String backend) throws Exception {
    write(backend);
    start();
    assertThat(base.resolve("First.seen")).content().isEqualTo(seen(secrets.proxyHash()));
    assertThat(secrets.filesWithSecrets(base)) // a search that finds what is there
        .containsExactlyInAnyOrder(copies().resolve("x509"), copies().resolve("wlcg"));
    assertThat(secrets.processesWithSecrets(process.pid())).isEmpty();

    secrets.renew();
    process.awaitOutput("was renewed", LIMIT);
    String renewed = secrets.proxyHash();
    Files.createFile(base.resolve("go"));
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(base.resolve("Second.seen")).content().isEqualTo(seen(renewed));
    assertThat(base.resolve("First.seen")).content().doesNotContain(renewed);
    byte[] both =
        (Files.readString(secrets.proxy) + secrets.token).getBytes(StandardCharsets.US_ASCII);
    assertThat(base.resolve("command")).content().isEqualTo(Secrets.hash(both) + "  -\n");
    assertThat(copies()).doesNotExist();
    assertThat(run).isNotEmptyDirectory();
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "KILL"})
  void nothingIsLeftWhenTheRunIsEnded(String signal) throws Exception {
    start();
    process.signal(signal);
    process.awaitEnd(LIMIT);
    await().atMost(LIMIT).until(() -> Files.notExists(copies()));
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  @Test
  void theProbeTellsWhenTheyEndAndWhetherWorkersCanReadThem() throws Exception {
    process = MusterProcess.start(variables(secrets.token), JAVA, base, "probe");
    process.awaitEnd(LIMIT);
    assertThat(process.output())
        .contains("x509 from " + secrets.proxy + ", valid until ")
        .contains("wlcg from the variable BEARER_TOKEN, valid until ")
        .contains("they can be read there");
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  @Test
  void theListOfJobsHasPathsOnly() throws Exception {
    process = MusterProcess.start(variables(secrets.token), JAVA, base, "plan", "--jobs");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("debug/credentials/x509", "unset BEARER_TOKEN");
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  @Test
  void theProbeOfThisMachineTellsWhenTheyEnd() throws Exception {
    write("local");
    process = MusterProcess.start(variables(secrets.token), JAVA, base, "probe");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("x509 from " + secrets.proxy + ", valid until ");
    assertThat(secrets.filesWithSecrets(base)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dask", "local"})
  void anExpiredTokenStopsTheRunBeforeAnythingIsSubmitted(String backend) throws Exception {
    write(backend);
    String expired = Secrets.token(Instant.parse("2020-01-01T00:00:00Z"));
    process =
        MusterProcess.start(variables(expired), JAVA, base, "run", "--run-dir", run.toString());
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).isNotZero();
    assertThat(process.output().replaceAll("\\s+", " "))
        .contains(
            "credential wlcg (the variable BEARER_TOKEN) expired at 2020-01-01T00:00:00Z; make a new one with htgettoken")
        .doesNotContain(expired.substring(expired.lastIndexOf('.')));
    assertThat(copies()).doesNotExist();
    assertThat(run.resolve("debug/distributed")).doesNotExist();
    assertThat(base.resolve("First.seen")).doesNotExist();
  }
}
