package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.error.WorkflowException;
import dev.muster.internal.process.Programs;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@ExtendWith(Leftovers.class)
class PythonOperationTest {
  @TempDir
  Path directory;

  private StageCodes codes;
  private Stage stage;
  private FakeContext context;
  private final Map<String, String> modifiers = new HashMap<>();

  @AfterEach
  void close() {
    if (codes != null) {
      codes.close();
    }
  }

  /** Makes a stage whose operation is the function {@code f} of this Python source. */
  private FakeContext stage(String source, Consumer<Stage.Builder> change) throws Exception {
    Files.writeString(directory.resolve("user.py"), source);
    Stage.Builder builder = Stage.builder("Fit").op("fit");
    change.accept(builder);
    stage = builder.build();
    Workflow workflow = Workflow.builder()
        .stage(stage)
        .registry(new Registry(Map.of("fit", "user:f"), modifiers))
        .build();
    close();
    codes = TestCodes.open(workflow, TestCodes.noProviders(), directory, Map.of());
    context = new FakeContext(stage, directory);
    context.variables = codes.of(stage).variables();
    return context;
  }

  private FakeContext stage(String source) throws Exception {
    return stage(source, builder -> {});
  }

  private Object run() throws Exception {
    return PythonValue.readable(Hooks.run(codes.of(stage), context), "the output");
  }

  private TaskException failure() {
    try {
      run();
    } catch (TaskException e) {
      return e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("it did not fail");
  }

  @Test
  void passesValuesThereAndBack() throws Exception {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("text", "größe 中 🎉 \u0000 \"quoted\"\n");
    value.put("whole", 3L);
    value.put("large", new BigInteger("123456789012345678901234567890"));
    value.put("double", 0.1);
    value.put("not a number", Double.NaN);
    value.put("infinity", Double.NEGATIVE_INFINITY);
    value.put("nothing", null);
    value.put("truth", true);
    value.put("list", Arrays.asList(1L, null, List.of(), Map.of()));
    value.put("file", FileRef.of(Path.of("/data/a b.root")));
    stage("def f(x):\n    assert str(x['file']) == '/data/a b.root'\n    return x\n")
        .input("x", value);
    assertThat(run()).isEqualTo(value);
  }

  @Test
  void aMapThatLooksLikeAFileStaysAMap() throws Exception {
    Map<String, Object> looksLike = Map.of(
        "$file",
        "/etc/hostname",
        "list",
        List.of(Map.of("$bytes", "!!"), Map.of("$$file", Map.of("$array", 1L))));
    String source = """
        def f(x, ctx, **more):
            made = {'$file': '/etc/hostname', 'list': [{'$bytes': '!!'}, {'$$file': {'$array': 1}}]}
            assert x == made and type(x) is dict, x
            assert more == {'$y': {'$file': '/p'}}, more
            return [x, made, more]
        """;
    stage(source, builder -> builder.params(Map.of("$y", Map.of("$file", "/p"))))
        .input("x", looksLike);
    assertThat(run()).isEqualTo(List.of(looksLike, looksLike, Map.of("$y", Map.of("$file", "/p"))));
  }

  @Test
  void passesBytesAndArrays() throws Exception {
    stage("def f(b, d): return {'b': bytes(reversed(b)), 'd': sum(d)}\n")
        .input("b", new byte[] {1, 2, -1})
        .input("d", new double[] {1.5, 2});
    Map<?, ?> result = (Map<?, ?>) run();
    assertThat((byte[]) result.get("b")).containsExactly(-1, 2, 1);
    assertThat(result.get("d")).isEqualTo(3.5);
  }

  @Test
  void passesLargeValues() throws Exception {
    String large = "x".repeat(5_000_000);
    stage("def f(x): return x + 'y'\n").input("x", large);
    assertThat(run()).isEqualTo(large + "y");
  }

  @Test
  void tellsTheFunctionWhereItIs() throws Exception {
    stage(
        """
        import os
        def f(ctx, **inputs):
            ctx.log("hello")
            ctx.diagnostic("answer", 42)
            return [ctx.stage, ctx.partition.index, ctx.partition.files, ctx.partition.events,
                    ctx.dataset.name, ctx.dataset.attributes, ctx.params, ctx.attempt, ctx.pool,
                    ctx.worker, ctx.variables, ctx.extra_data, os.environ["METHOD"],
                    [p.index if p else None for p in ctx.input_partitions["a-b"]],
                    ctx.output_dir, ctx.base_dir, os.getcwd(), ctx.inputs["a-b"], inputs["a_b"]]
        """,
        builder -> builder
            .param("n", 1)
            .environment(
                environment -> environment.variable("METHOD", "CLS").extraData(Map.of("k", 1))));
    context.partition = new Partition(7, "ttbar", List.of("a.csv"), 0, 5);
    context.dataset = new Dataset("ttbar", List.of("a.csv"), List.of(), Map.of("type", "mc"));
    context.input("a-b", List.of("v"));
    context.inputPartitions.put("a-b", List.of(context.partition));
    assertThat((List<?>) run())
        .isEqualTo(List.of(
            "Fit",
            7L,
            List.of("a.csv"),
            5L,
            "ttbar",
            Map.of("type", "mc"),
            Map.of("n", 1L),
            1L,
            "default",
            "default-0",
            Map.of("METHOD", "CLS"),
            Map.of("k", 1L),
            "CLS",
            List.of(7L),
            FileRef.of(directory.resolve("out")),
            FileRef.of(directory),
            directory.toRealPath().toString(),
            List.of("v"),
            List.of("v")));
    assertThat(context.lines).containsExactly("hello");
    assertThat(context.diagnostics).containsEntry("answer", 42L);
  }

  @Test
  void boundsWhatAFunctionNotes() throws Exception {
    stage("""
        def f(ctx):
            ctx.diagnostic("few", [1, b"2", {"a": None}])
            ctx.diagnostic("bytes", b"x" * 50_000_000)
            ctx.diagnostic("list", list(range(1_000_000)))
            ctx.diagnostic("mapping", {"k%d" % i: i for i in range(100_000)})
            ctx.diagnostic("text", "x" * 1_000_000)
        """);
    assertThat(run()).isNull();
    Map<String, Object> cut = new LinkedHashMap<>(context.diagnostics);
    assertThat((List<?>) cut.remove("few")).hasSize(3);
    assertThat(cut)
        .allSatisfy((name, value) -> assertThat(value.toString()).hasSizeBetween(15_000, 16_000))
        .hasEntrySatisfying(
            "bytes",
            value -> assertThat((String) value)
                .startsWith("{\"$bytes\":\"eHh4")
                .endsWith("... (50000000 bytes)"))
        .hasEntrySatisfying(
            "list",
            value -> assertThat((String) value)
                .startsWith("[0,1,2,")
                .endsWith("... (a list of 1000000 items)"))
        .hasEntrySatisfying(
            "mapping",
            value -> assertThat((String) value)
                .startsWith("{\"k0\":0,")
                .endsWith("... (a mapping of 100000 entries)"))
        .hasEntrySatisfying(
            "text", value -> assertThat((String) value).endsWith("... (1000000 characters)"));
  }

  @Test
  void passesEveryInputThatFromNames() throws Exception {
    stage("def f(a): return a\n", builder -> builder.from("a", "b"));
    context.input("a", 1).input("b", 2);
    assertThat(failure()).hasMessageContaining("user:f() does not take the input 'b'");
  }

  @Test
  void keepsPrintsInTheTasksFolder() throws Exception {
    stage(
        "import sys\ndef f():\n    print('out')\n    print('err', file=sys.stderr)\n    return 1\n");
    assertThat(run()).isEqualTo(1L);
    assertThat(directory.resolve("out/stdout")).hasContent("out");
    assertThat(directory.resolve("out/stderr")).hasContent("err");
  }

  @Test
  void aFunctionThatMakesNothingLeavesNothing() throws Exception {
    stage("import os\ndef f(): return os.listdir('.')\n");
    assertThat((List<?>) run()).isNotEmpty();
    assertThat(directory.resolve("out")).doesNotExist();
    codes.close();
    assertThat(directory)
        .isDirectoryNotContaining(each -> each.getFileName().toString().startsWith(".python"));
  }

  @Test
  void keepsAProcessWarm() throws Exception {
    stage("import os\nn = 0\ndef f():\n    global n\n    n += 1\n    return [os.getpid(), n]\n");
    List<?> first = (List<?>) run();
    List<?> second = (List<?>) run();
    assertThat(second.get(0)).isEqualTo(first.get(0));
    assertThat(second.get(1)).isEqualTo(2L);
  }

  @Test
  void keepsAProcessThatAnExceptionDidNotHarm() throws Exception {
    stage(
        "import os\ndef f(fail): \n    if fail: raise ValueError(os.getpid())\n    return os.getpid()\n");
    context.input("fail", true);
    String message = failure().getMessage();
    context.input("fail", false);
    assertThat(message).contains("ValueError: " + run());
  }

  @Test
  void reportsAnException() throws Exception {
    stage("def g(x): raise KeyError(x)\ndef f(): g('mass')\n");
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.OPERATION);
    assertThat(failure)
        .hasMessageStartingWith("user:f: KeyError: 'mass'\nTraceback")
        .hasMessageContaining("line 1, in g")
        .hasMessageNotContaining("muster_task");
  }

  @Test
  void saysWhichFunctionsThereAre() throws Exception {
    stage("def ff(): pass\n");
    assertThat(failure()).hasMessageContaining("user has no 'f'; did you mean 'ff'?");
  }

  @Test
  void saysWhichModuleIsMissing() throws Exception {
    stage("");
    Files.delete(directory.resolve("user.py"));
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(failure)
        .hasMessageContaining("No module named 'user'")
        .hasMessageContaining(directory.toRealPath().toString())
        .hasMessageContaining("execution.config.python");
  }

  @Test
  void refusesAJavaObject() throws Exception {
    stage("def f(x): pass\n").input("x", Map.of("a", List.of(1, new Thread())));
    assertThatThrownBy(this::run)
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("the input 'x'.a[1] is a java.lang.Thread");
  }

  @Test
  void aForkedChildNeverAnswersForTheProcess() throws Exception {
    stage("""
        import os, sys, time
        def f(v):
            if not v:
                if os.fork() == 0:
                    time.sleep(0.3)
                    sys.exit(0)
                return "parent"
            return v
        """);
    context.input("v", "");
    assertThat(run()).isEqualTo("parent");
    for (int i = 0; i < 8; i++) {
      context.input("v", "V" + i);
      assertThat(run()).isEqualTo("V" + i);
      context.input("v", "");
      assertThat(run()).isEqualTo("parent");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A result as the protocol has it, but of another call.
        "struct.pack('>Iq', len(reply), 7) + reply",
        "struct.pack('>I', len(reply)) + reply",
        "b'hello, world'",
        "b'\\xff' * 30",
        "struct.pack('>Iq', 3, 7) + b'{{{'",
      })
  void whatIsNoMessageOfTheCallEndsTheProcess(String bytes) throws Exception {
    stage("""
        import gc, os, struct, time, muster_task.protocol
        reply = b'{"type":"result","output":"foreign"}'
        def f(foreign):
            if foreign:
                fd = [each for each in gc.get_objects() if isinstance(each, muster_task.protocol.Channel)][0]._fd
                os.write(fd, %s)
            return "own"
        """.formatted(bytes));
    context.input("foreign", true);
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.BACKEND);
    assertThat(failure)
        .hasMessageContaining("came out of its Python process where its result was expected");
    context.input("foreign", false);
    assertThat(run()).isEqualTo("own");
  }

  @Test
  void entersAndLeavesAModifierThatIsAContextManager() throws Exception {
    modifiers.put("timed", "user:Timed");
    stage("""
        import contextlib
        class Timed:
            @contextlib.contextmanager
            def around_node(self, *, node, inputs, ctx):
                ctx.log("before " + node)
                yield
                ctx.log("after")
        def f(ctx):
            ctx.log("run")
            return 7
        """, builder -> builder.modifier("timed"));
    assertThat(run()).isEqualTo(7L);
    assertThat(context.lines).containsExactly("before Fit", "run", "after");
  }

  @Test
  void everyCallFindsTheSameSurroundings() throws Exception {
    stage("""
        import os, sys
        def f(spoil):
            if spoil:
                os.chdir("/")
                os.umask(0o777)
                os.environ["LEFT"] = "1"
                sys.path.insert(0, "/nowhere")
            mask = os.umask(0o22)
            os.umask(mask)
            return [os.getpid(), os.getcwd(), mask, os.environ.get("LEFT"), sys.path[0]]
        """);
    context.input("spoil", false);
    Object before = run();
    context.input("spoil", true);
    run();
    context.input("spoil", false);
    assertThat(run()).isEqualTo(before);
  }

  @Test
  void aFileWithTheNameOfAStandardModuleHarmsNothing() throws Exception {
    for (String name :
        List.of("random", "types", "json", "queue", "struct", "linecache", "socket")) {
      Files.writeString(directory.resolve(name + ".py"), "raise RuntimeError('of the user')");
    }
    stage("import random, json\ndef f():\n    return json.dumps(random.choice([1]))\n");
    assertThat(run()).isEqualTo("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "os._exit(3)                       | exit code 3",
        "os.kill(os.getpid(), 9)           | exit code 137 (SIGKILL)",
        "os.kill(os.getpid(), 11)          | exit code 139 (SIGSEGV)",
        "subprocess.Popen(['sleep', '300']); os._exit(4) | exit code 4",
        "os.fork() or time.sleep(300); os._exit(5) | exit code 5",
      })
  void survivesTheDeathOfAProcess(String death, String message) throws Exception {
    stage(
        "import os, subprocess, sys, time\ndef f(die):\n    if die:\n        print('last words', flush=True)\n        "
            + death.strip() + "\n    return 'alive'\n");
    context.input("die", true);
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.WORKER_LOST);
    assertThat(failure).hasMessageContaining(message).hasMessageContaining("last words");
    context.input("die", false);
    assertThat(run()).isEqualTo("alive");
  }

  @Test
  void endsTheProcessAndItsChildrenWhenInterrupted() throws Exception {
    stage("""
        import pathlib, subprocess, time
        def f(ctx):
            child = subprocess.Popen(["sleep", "300"])
            try:
                (ctx.output_dir / "child").write_text(str(child.pid) + "\\n")
                time.sleep(300)
            finally:
                (ctx.output_dir / "cleaned").touch()
        """);
    // Beside busy processes it may take longer than the usual 2 s until Python can clean up.
    try (PythonProcesses patient = new PythonProcesses(Duration.ofMinutes(1), "run")) {
      PythonProcess.Kind kind = new PythonProcess.Kind(
          Objects.requireNonNull(Programs.find("python3", null, directory)),
          Map.of(),
          List.of(),
          directory,
          false);
      PythonOperation operation = new PythonOperation(codes.code(stage), Map.of(), kind, patient);
      FutureTask<Object> call = new FutureTask<>(() -> operation.run(context));
      Thread thread = new Thread(call);
      thread.start();
      Path child = directory.resolve("out/child");
      await()
          .atMost(Duration.ofSeconds(50))
          .until(() -> Files.exists(child) && Files.size(child) > 0);
      thread.interrupt();
      assertThatThrownBy(call::get).hasCauseInstanceOf(InterruptedException.class);
      long pid = Long.parseLong(Files.readString(child).strip());
      await().until(() -> !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
      assertThat(directory.resolve("out/cleaned")).exists();
    }
  }

  /** What another thread took would not wake the function, and so not end it. */
  @Test
  void noThreadButTheFunctionsTakesTheSignalToEnd() throws Exception {
    stage("""
        import os, signal
        def f():
            masks = []
            for thread in os.listdir("/proc/self/task"):
                if int(thread) != os.getpid():
                    with open("/proc/self/task/" + thread + "/status") as file:
                        masks += [int(line.split()[1], 16) for line in file if line.startswith("SigBlk:")]
            return [mask >> (signal.SIGTERM - 1) & 1 for mask in masks]
        """);
    assertThat((List<?>) run()).isNotEmpty().allMatch(each -> each.equals(1L));
  }

  @Test
  void runsOneProcessForEachCallAtATime() throws Exception {
    stage("""
        import os, time
        def f(ctx):
            open(ctx.output_dir / ("pid-" + str(os.getpid())), "w").close()
            deadline = time.time() + 20
            while time.time() < deadline:
                if sum(name.startswith("pid-") for name in os.listdir(ctx.output_dir)) == 3:
                    break
                time.sleep(0.01)
            return os.getpid()
        """);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Object>> results = new java.util.ArrayList<>();
      for (int i = 0; i < 3; i++) {
        results.add(threads.submit(() -> {
          start.await();
          return codes.of(stage).operation().run(new FakeContext(stage, directory));
        }));
      }
      start.countDown();
      java.util.Set<Object> pids = new java.util.HashSet<>();
      for (Future<Object> result : results) {
        pids.add(result.get());
      }
      assertThat(pids).hasSize(3);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void runsModifiersInsideTheProcess() throws Exception {
    modifiers.put("scale", "mods:Scale");
    modifiers.put("trace", "mods:trace");
    modifiers.put("load", "mods:make");
    Files.writeString(directory.resolve("mods.py"), """
        class Scale:
            def __init__(self, by=1): self.by = by
            def around_node(self, node, inputs, outputs, ctx, call): return call() * self.by
        class Trace:
            def before_node(self, node, inputs, outputs, ctx): ctx.log("before " + node)
            def after_node(self, node, inputs, outputs, ctx):
                outputs["output"] += 1
                ctx.log("after")
            def on_node_error(self, node, inputs, outputs, ctx, error): ctx.log("error " + str(error))
        trace = Trace()
        def make(to):
            class Load:
                def before_node(self, inputs, **_): inputs["x"] = to
            return Load()
        """);
    stage(
        "def f(x):\n    if x < 0: raise ValueError('negative')\n    return x\n",
        builder -> builder
            .modifier("trace")
            .modifier(new dev.muster.workflow.Modifier("scale", Map.of("by", 10)))
            .modifier(new dev.muster.workflow.Modifier("load", Map.of("to", 4))));
    context.input("x", 1);
    assertThat(run()).isEqualTo(41L);
    assertThat(context.lines).containsExactly("before Fit", "after");
    stage("def f(x): raise ValueError('negative')\n", builder -> builder.modifier("trace"));
    context.input("x", 1);
    assertThat(failure()).hasMessageContaining("negative");
    assertThat(context.lines).containsExactly("before Fit", "error negative");
  }

  @Test
  void measuresAndDiagnoses() throws Exception {
    stage(
        "def f(x):\n    y = bytearray(50_000_000)\n    return len(y)\n",
        builder -> builder.modifier("diagnostics").modifier("profile"));
    context.input("x", List.of(1, 2));
    assertThat(run()).isEqualTo(50_000_000L);
    assertThat(context.diagnostics)
        .containsKeys("host", "os", "wall_seconds", "cpu_seconds", "allocated_bytes")
        .doesNotContainKey("java")
        .containsEntry("pool", "default")
        .containsEntry("worker", "default-0")
        .containsEntry("inputs", Map.of("x", Map.of("type", "list", "items", 2L)));
    assertThat((String) context.diagnostics.get("python")).matches("3\\.\\d+\\..*");
    if (Files.isWritable(Path.of("/proc/self/clear_refs"))) {
      assertThat((long) context.diagnostics.get("peak_memory_bytes")).isGreaterThan(50_000_000);
    }
  }

  @Test
  void saysThatTheInterpreterIsMissing() {
    assertThatThrownBy(() -> open(Map.of("python", "no-such-python")))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining(
            "stage Fit.op: the Python interpreter 'no-such-python' is not on PATH");
    assertThatThrownBy(() -> open(Map.of("python", "venv/bin/python")))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("does not exist or is not executable");
  }

  @Test
  void saysThatAnInterpreterCannotBeUsed() throws Exception {
    Path old = directory.resolve("old-python");
    Files.writeString(
        old, "#!/bin/sh\necho 'Python 3.8 or newer is needed, this is 2.7' >&2\nexit 1\n");
    assertThat(old.toFile().setExecutable(true)).isTrue();
    codes = open(Map.of("python", "./old-python"));
    context = new FakeContext(stage, directory);
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(failure)
        .hasMessageContaining("old-python ended with exit code 1 before it was ready")
        .hasMessageContaining("Python 3.8 or newer is needed, this is 2.7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "TERM"})
  void aProcessThatIsKilledBeforeItIsReadyIsLostAndAnotherTakesItsPlace(String signal)
      throws Exception {
    Path python = directory.resolve("struck-python");
    Files.writeString(
        python,
        "#!/bin/sh\nif mkdir struck; then kill -" + signal
            + " $$; fi\nexec /usr/bin/python3 \"$@\"\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    codes = open(Map.of("python", "./struck-python"));
    context = new FakeContext(stage, directory);
    TaskException failure = failure();
    assertThat(failure.kind()).isEqualTo(FailureKind.WORKER_LOST);
    assertThat(failure).hasMessageContaining("(SIG" + signal + ") before it was ready");
    assertThat(failure()).hasMessageContaining("sqrt"); // it was called, without an argument
  }

  private StageCodes open(Map<String, Object> config) {
    stage = Stage.builder("Fit").op("python").param("callable", "math:sqrt").build();
    Workflow workflow = Workflow.builder().stage(stage).build();
    return TestCodes.open(workflow, TestCodes.noProviders(), directory, config);
  }

  @Test
  void callsAnInstalledFunctionWithPositionalArguments() throws Exception {
    stage = Stage.builder("Fit")
        .op("python")
        .param("callable", "math:hypot")
        .param("args", List.of(3, 4))
        .build();
    Workflow workflow = Workflow.builder().stage(stage).build();
    codes = TestCodes.open(workflow, TestCodes.noProviders(), directory, Map.of());
    context = new FakeContext(stage, directory);
    assertThat(run()).isEqualTo(5.0);
  }
}
