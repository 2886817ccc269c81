package dev.muster.pixi;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.execution.WorkerEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A submit host with a small environment, and workers that use what was made of it. */
final class Site implements EnvironmentContext {
  final Path base;
  final Path prefix;
  final Path node;
  final List<String> notices = new ArrayList<>();
  private Map<String, Object> options = Map.of();

  /** What a program on a worker said. */
  record Said(int code, String out, String err) {}

  Site(Path base) throws IOException {
    this.base = base;
    this.prefix = base.resolve("project/.pixi/envs/default");
    this.node = Files.createDirectories(base.resolve("node"));
    file("bin/python", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
    executable("bin/python");
    file("lib/data.txt", "text\n");
  }

  Path file(String name, String text) throws IOException {
    Path file = prefix.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    return Files.writeString(file, text, StandardCharsets.ISO_8859_1);
  }

  void executable(String name) {
    if (!prefix.resolve(name).toFile().setExecutable(true)) {
      throw new AssertionError(name + " cannot be made executable");
    }
  }

  /** Gets the environment ready. */
  PreparedEnvironment prepare(Map<String, Object> own) {
    return new PackedPixiEnvironment().prepare(with(own));
  }

  Site with(Map<String, Object> own) {
    Map<String, Object> all = new LinkedHashMap<>(
        Map.of("manifest", "project", "imports", List.of("json"), "cache_dir", "cache"));
    all.putAll(own);
    options = all;
    return this;
  }

  PreparedEnvironment prepare() {
    return prepare(Map.of());
  }

  static Path archive(PreparedEnvironment prepared) {
    return prepared.files().get(1);
  }

  /** Starts a job that has the environment; it writes to files that are named after it. */
  Process start(PreparedEnvironment prepared, String name, String command) throws IOException {
    JobSpec spec = JobSpec.builder("job", List.of("bash", "-c", command), base)
        .files(prepared.files())
        .setup(prepared.setup())
        .build();
    Path script = base.resolve(name + ".sh");
    Files.writeString(script, JobScript.of(spec, name, base).text());
    ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
    builder.environment().put("TMPDIR", node.toString());
    builder.environment().putAll(prepared.variables());
    return builder
        .redirectOutput(base.resolve(name + ".out").toFile())
        .redirectError(base.resolve(name + ".err").toFile())
        .start();
  }

  Said said(Process process, String name) throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Said(
        code,
        Files.readString(base.resolve(name + ".out")),
        Files.readString(base.resolve(name + ".err")));
  }

  /** Runs a job that has the environment. */
  Said run(PreparedEnvironment prepared, String command) throws IOException, InterruptedException {
    return said(start(prepared, "job", command), "job");
  }

  /** Tells whether a job on the worker finds that it can do without the archive. */
  boolean spared(PreparedEnvironment prepared) throws IOException, InterruptedException {
    String question = "(\n" + prepared.unless().get(archive(prepared)) + "\n)";
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", question);
    builder.environment().put("TMPDIR", node.toString());
    Process process = builder
        .redirectOutput(base.resolve("asked.out").toFile())
        .redirectError(base.resolve("asked.err").toFile())
        .start();
    return said(process, "asked").code() == 0;
  }

  /** Runs the script that extracts an archive. */
  Said unpack(String... arguments) throws IOException, InterruptedException {
    Path script = base.resolve("unpack.sh");
    Files.write(script, WorkerScripts.unpack());
    List<String> argv = new ArrayList<>(List.of("bash", script.toString()));
    argv.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().put("TMPDIR", node.toString());
    return said(
        builder
            .redirectOutput(base.resolve("unpack.out").toFile())
            .redirectError(base.resolve("unpack.err").toFile())
            .start(),
        "unpack");
  }

  @Override
  public WorkerEnvironment environment() {
    return new WorkerEnvironment("packed-pixi", options);
  }

  @Override
  public Path baseDirectory() {
    return base;
  }

  @Override
  public Path directory() {
    return base.resolve("run/environment");
  }

  @Override
  public Path cache() {
    return base.resolve("unused-cache");
  }

  @Override
  public void notice(String message) {
    notices.add(message);
  }
}
