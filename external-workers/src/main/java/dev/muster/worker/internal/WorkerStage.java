package dev.muster.worker.internal;

import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.operation.CommandHost;
import dev.muster.internal.operation.CommandOperation;
import dev.muster.internal.operation.TaskPlace;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.WorkerCredentials;
import dev.muster.spi.WorkerSetup;
import dev.muster.value.FileRef;
import dev.muster.value.JsonValues;
import dev.muster.value.ValueException;
import dev.muster.worker.WorkerCall;
import dev.muster.worker.WorkerValues;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A stage that is the call of an external worker. Thread-safe. */
final class WorkerStage implements CommandOperation {
  private static final long MOST_BYTES = 16L << 20;
  private static final int MOST_FILES = 2000;

  // What tools make and renew beside the code does not change what it does.
  private static final Set<String> MADE = Set.of(
      ".venv", ".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".DS_Store");

  private final WorkerSetup setup;
  private final WorkerOptions options;
  private final JobSource jobs;
  private final StagePorts ports;
  private final Workers workers;
  private final String worker;
  private final String function;
  private final Registry.@Nullable Launcher launcher;
  private final @Nullable CallRunner runner;
  private final WorkerCredentials credentials;
  private final SharedInputs sharedInputs = new SharedInputs();
  private final byte[] nodedef;
  private volatile @Nullable Map<String, byte[]> constants;

  private WorkerStage(
      WorkerSetup setup,
      WorkerOptions options,
      JobSource jobs,
      StagePorts ports,
      Workers workers,
      Registry.@Nullable Launcher launcher,
      @Nullable CallRunner runner,
      WorkerCredentials credentials) {
    this.setup = setup;
    this.options = options;
    this.jobs = jobs;
    this.ports = ports;
    this.workers = workers;
    this.launcher = launcher;
    this.runner = runner;
    this.credentials = credentials;
    String op = setup.stage().stage().op();
    this.worker = op.substring(0, op.lastIndexOf('.'));
    this.function = op.substring(op.lastIndexOf('.') + 1);
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("type", "function");
    node.put("function_name", op);
    this.nodedef = WorkerValues.bytes(node, "the node");
  }

  /**
   * Makes one that cannot run yet.
   *
   * @throws IllegalArgumentException if there is no such executor or worker
   */
  static WorkerStage of(
      WorkerSetup setup, WorkerOptions options, JobSource jobs, StagePorts ports, Workers workers) {
    String op = setup.stage().stage().op();
    String worker = op.substring(0, op.lastIndexOf('.'));
    workers.checkJobs(setup.type(), worker, jobs);
    return new WorkerStage(
        setup,
        options,
        jobs,
        ports,
        workers,
        workers.launcher(setup.type(), worker, options),
        null,
        WorkerCredentials.none());
  }

  @Override
  public WorkerStage open(CommandHost host) {
    JobSystems systems = host.shared(JobSystems.class, () -> new JobSystems(host.run()));
    CallRunner made =
        workers.runner(setup.type(), worker, options, jobs, host.launchers(), systems);
    return new WorkerStage(
        setup, options, jobs, ports, workers, launcher, made, host.credentials());
  }

  @Override
  public List<Path> code() {
    List<Path> files = files();
    return files == null ? List.of() : files;
  }

  /** Returns the files of the worker; null if not all can be known. */
  private @Nullable List<Path> files() {
    if (launcher == null) {
      return null;
    }
    if (!launcher.inFolder()) {
      return List.of(launcher.file());
    }
    try (Stream<Path> walk = Files.walk(launcher.folder())) {
      List<Path> files = walk.filter(
              file -> Stream.of(launcher.folder().relativize(file).toString().split("/"))
                  .noneMatch(MADE::contains))
          .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .limit(MOST_FILES + 1)
          .toList();
      boolean all = files.size() <= MOST_FILES && files.stream().noneMatch(Files::isDirectory);
      return all ? files : null;
    } catch (IOException | UncheckedIOException e) {
      return null;
    }
  }

  @Override
  public Map<String, @Nullable Object> settings() {
    Map<String, @Nullable Object> settings = new LinkedHashMap<>();
    settings.put("type", setup.type());
    settings.put("launcher", launcher == null ? null : launcher.file().toString());
    settings.put("contract", options.contract().name());
    settings.put("exit_status", options.exitStatus());
    settings.put("export_values", options.exportValues());
    settings.put("uv", options.uv());
    settings.put("env", options.env());
    settings.put("launch", options.launch() == null ? null : options.launch().text());
    settings.put("spec", jobs.config().get(JobRequest.SPEC));
    settings.put("outputs", ports.outputs().toString());
    return settings;
  }

  @Override
  public @Nullable String uncertain() {
    if (launcher == null) {
      return "what the executor '" + setup.type() + "' runs comes from no file that is known";
    }
    return files() == null
        ? "the folder of its worker, " + launcher.folder()
            + ", has links to folders or too many files to be compared"
        : null;
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Path outputs = context.outputDirectory();
    Path node = Objects.requireNonNull(outputs.getParent());
    Path base = context instanceof TaskPlace place
        ? place.runFolder()
        : Objects.requireNonNull(node.getParent());
    Path own = node;
    if (context.attempt() > 1) { // what an earlier attempt still writes goes elsewhere
      own = OwnFiles.emptyFolder(node.resolve("attempt-" + context.attempt()));
      outputs = OwnFiles.newFolder(own.resolve("outputs"));
    }
    String at = base.relativize(own).toString();
    Map<String, String> inputs = inputs(context, base, node, own);
    Map<String, String> wanted = new LinkedHashMap<>();
    ports.outputs().keySet().forEach(port -> wanted.put(port, at + "/outputs/" + port));
    boolean flag = options.contract() == CallPlace.Contract.FLAG;
    WorkerCall call = new WorkerCall(
        function,
        inputs,
        wanted,
        at + "/outputs",
        at + "/_done",
        at + (flag ? "/_error" : "/logs"),
        at + "/logs");
    CallPlace place =
        new CallPlace(base, own.resolve("definition"), call, options.contract(), node);
    if (place.called()) {
      place.clear();
    }
    CallPlace.write(own.resolve("nodedef"), nodedef);
    CallPlace.write(place.definition(), call.bytes());
    CallEnvironment environment =
        CallEnvironment.of(credentials.variables(), credentials.unset(), context.variables());
    Objects.requireNonNull(runner, "not opened").run(place, environment);
    return result(place);
  }

  /** Returns the files of the inputs that the stage itself has. */
  private Map<String, byte[]> constants() {
    Map<String, byte[]> known = constants;
    if (known == null) {
      known = new LinkedHashMap<>();
      for (Map.Entry<String, @Nullable Object> each : ports.constants().entrySet()) {
        known.put(each.getKey(), bytes(each.getKey(), each.getValue()));
      }
      constants = known;
    }
    return known;
  }

  private Map<String, String> inputs(OperationContext context, Path base, Path node, Path own)
      throws IOException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    Map<String, String> inputs = new LinkedHashMap<>();
    Path shared = own.startsWith(base) ? sharedInputs.folder(base, node, constants()) : null;
    for (String port : ports.constants().keySet()) {
      if (shared == null) {
        values.put(port, ports.constants().get(port));
      } else {
        inputs.put(port, base.relativize(shared.resolve(port)).toString());
      }
    }
    for (String name : context.inputNames()) {
      values.put(StagePorts.checked("from", name), context.input(name));
    }
    Path folder = null;
    for (Map.Entry<String, @Nullable Object> each : values.entrySet()) {
      Object value = each.getValue();
      Path file = value instanceof FileRef ref ? ref.path() : null;
      if (file == null || !file.startsWith(base)) {
        if (folder == null) {
          folder = OwnFiles.emptyFolder(own.resolve("inputs"));
        }
        Path made = folder.resolve(each.getKey());
        if (file == null) {
          CallPlace.write(made, bytes(each.getKey(), value));
        } else {
          Files.createSymbolicLink(made, file);
        }
        file = made;
      }
      inputs.put(each.getKey(), base.relativize(file).toString());
    }
    return inputs;
  }

  private static byte[] bytes(String port, @Nullable Object value) {
    if (hasFile(value)) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the input '" + port
              + "' has files within a list or a mapping, and a worker gets one file"
              + " for a port; read one port of the stage that makes it: {node: STAGE, port: PORT, as: "
              + port + "}",
          null);
    }
    try {
      return WorkerValues.bytes(value, "the input '" + port + "'");
    } catch (ValueException e) {
      throw new TaskException(FailureKind.SERIALIZATION, String.valueOf(e.getMessage()), e);
    }
  }

  private static boolean hasFile(@Nullable Object value) {
    return value instanceof FileRef
        || (value instanceof Iterable<?> items && hasFile(items))
        || (value instanceof Map<?, ?> map && hasFile(map.values()));
  }

  private static boolean hasFile(Iterable<?> items) {
    for (Object item : items) {
      if (hasFile(item)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Object result(CallPlace place) throws IOException {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : place.call().outputs().entrySet()) {
      StagePorts.Form form = Objects.requireNonNull(ports.outputs().get(each.getKey()));
      Path file = place.at(each.getValue());
      if (form == StagePorts.Form.FILE) {
        result.put(each.getKey(), FileRef.of(file));
        continue;
      }
      if (Files.size(file) > MOST_BYTES) {
        throw unreadable(
            place,
            each.getKey(),
            "has more than " + MOST_BYTES + " bytes, too much for a value; leave it a file",
            null);
      }
      byte[] bytes = Files.readAllBytes(file);
      try {
        result.put(
            each.getKey(),
            switch (form) {
              case JSON -> WorkerValues.json(bytes);
              case TEXT ->
                StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
              default -> bytes;
            });
      } catch (ValueException | CharacterCodingException e) {
        throw unreadable(
            place,
            each.getKey(),
            "is not " + (form == StagePorts.Form.JSON ? "JSON: " + e.getMessage() : "UTF-8 text"),
            e);
      }
    }
    return result.isEmpty() ? null : result;
  }

  private TaskException unreadable(
      CallPlace place, String port, String why, @Nullable Exception cause) {
    return new TaskException(
        FailureKind.SERIALIZATION,
        "the output '" + port + "' of the worker " + worker + "." + function + " " + why
            + Judge.tail(place),
        cause);
  }

  @Override
  public String toString() {
    return worker + "." + function
        + JsonValues.text(List.copyOf(ports.outputs().keySet()), "outputs");
  }
}
