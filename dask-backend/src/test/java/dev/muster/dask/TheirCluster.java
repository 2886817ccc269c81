package dev.muster.dask;

import static dev.muster.dask.DaskSite.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A scheduler and workers that were started with Dask's own commands, as somebody else's are. */
final class TheirCluster implements AutoCloseable {
  private final Path folder;
  private final Path file;
  private final List<String> security;
  final List<Process> processes = new ArrayList<>();

  /** Starts the scheduler. */
  TheirCluster(Path folder, List<String> security) throws IOException {
    this.folder = folder;
    this.file = folder.resolve("scheduler.json");
    this.security = security;
    start(
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--dashboard-address",
        "127.0.0.1:0");
  }

  private void start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(DaskSite.python(), "-m"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--scheduler-file", file.toString()));
    command.addAll(security);
    processes.add(new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("process-" + processes.size() + ".log").toFile())
        .start());
  }

  /** Starts a worker of pool {@code default}. */
  void worker(String name) throws IOException {
    worker(name, "default", "--no-nanny");
  }

  /**
   * Starts a worker of a pool.
   *
   * @param nanny {@code --nanny}, with which the worker comes again when its process has ended, or {@code --no-nanny}
   */
  void worker(String name, String pool, String nanny) throws IOException {
    start(
        "distributed.cli.dask_worker",
        "--name",
        name,
        "--host",
        "127.0.0.1",
        "--resources",
        "resource." + pool + "=1",
        "--nthreads",
        "1",
        nanny,
        "--no-dashboard");
  }

  /** Makes an authority and a certificate; returns the folder with ca.pem, cert.pem and key.pem. */
  static Path certificates(Path folder) throws Exception {
    String code = """
        import sys
        from distributed import Security

        made = Security.temporary()
        for name, text in (("ca", made.tls_ca_file), ("cert", made.tls_client_cert), ("key", made.tls_client_key)):
            with open(sys.argv[1] + "/" + name + ".pem", "w") as file:
                file.write(text)
        """;
    Process process = new ProcessBuilder(DaskSite.python(), "-c", code, folder.toString())
        .inheritIO()
        .start();
    assertThat(process.waitFor()).isZero();
    return folder;
  }

  /** Returns the scheduler's address, once it has one. */
  String address() throws IOException {
    await().atMost(LIMIT).until(() -> Files.exists(file) && Files.size(file) > 0);
    return Files.readString(file).replaceFirst("(?s).*\"address\": *\"([^\"]+)\".*", "$1");
  }

  boolean alive() {
    return processes.stream().allMatch(Process::isAlive);
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.destroy(); // a nanny takes its worker along
    }
    for (Process process : processes) {
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly().onExit().join();
    }
  }
}
