package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of backend batch on the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
class SlurmBatchIT extends BatchRuns {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir
  private Path folder;

  @Override
  Site site() {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    return new SlurmSite(folder);
  }

  @Override
  void limit() throws Exception {
    new SlurmSite(folder).restart("MaxArraySize", "2");
  }

  @Override
  void unlimit() throws Exception {
    new SlurmSite(folder).restart("MaxArraySize", "10001");
  }

  @Test
  void jobsHaveRenewedCredentialsAndRunCommandsInContainers() throws Exception {
    Containers containers = Containers.in(folder.resolve("containers"));
    try {
      Containers.image(base.resolve("busybox.tar"), "a box on Slurm");
      Secrets secrets = new Secrets(folder.resolve("secrets"));
      try (InputStream operations =
          Objects.requireNonNull(getClass().getResourceAsStream("proxyops.py"))) {
        Files.copy(operations, base.resolve("proxyops.py"));
      }
      Files.writeString(base.resolve("site.yaml"), """
          name: site
          registry: {operations: {watch: 'proxyops:watch'}}
          analysis:
            stages:
              - {id: First, op: watch, params: {renewal: true}}
              - id: Boxed
                op: shell
                needs: [First]
                environment: {image: ./busybox.tar}
                params:
                  command: 'cat /etc/os-release; sha256sum "$X509_USER_PROXY" | cut -d " " -f 1'
                  capture: text
              - {id: Note, op: shell, needs: [Boxed], params: {command: 'echo {input.Boxed} >{base_dir}/note'}}
          execution:
            backend: batch
            strategy: slurm
            credentials: {use: [x509, wlcg], required_lifetime: 1h}
            config: {python: /usr/bin/python3, poll_interval: 1s, container_runtime: %s}
            pools: {default: {resources: {cpus: 1, memory: 200MB}}}
          """.formatted(containers.program()));
      MusterProcess process = MusterProcess.start(
          Map.of(
              "X509_USER_PROXY", secrets.proxy.toString(),
              "BEARER_TOKEN_FILE", secrets.tokenFile.toString()),
          site().java(),
          base,
          "run",
          "--run-dir",
          "run");
      await().atMost(LIMIT).until(() -> !process.running() || looked());
      assertThat(secrets.processesWithSecrets(process.pid())).isEmpty();
      secrets.renew();
      process.awaitEnd(LIMIT);
      assertThat(process.exitCode()).as(process.output()).isZero();
      assertThat(base.resolve("note")).content().contains("a box on Slurm", secrets.proxyHash());
      assertThat(base.resolve("run/debug/credentials")).doesNotExist();
      assertThat(secrets.filesWithSecrets(base.resolve("run"))).isEmpty();
    } finally {
      containers.end();
    }
  }

  private boolean looked() throws Exception {
    List<Path> seen = Folders.files(base, file -> file.endsWith("seen-First.txt"));
    return !seen.isEmpty();
  }
}
