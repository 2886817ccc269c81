package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.code.Carries;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.StageCode.Kind;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes.Setting;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StageCodesTest {
  private static final Operation NOTHING = context -> "own";

  @TempDir
  Path directory;

  /** An operation of a registry. */
  public static final class Train implements Operation, ModifierHooks {
    @Override
    public Object run(OperationContext context) {
      return "java:" + context.stage().id();
    }
  }

  /** It has no constructor without parameters. */
  public static final class Needy implements Operation {
    private final String what;

    public Needy(String what) {
      this.what = what;
    }

    @Override
    public Object run(OperationContext context) {
      return what;
    }
  }

  /** Its constructor fails. */
  public static final class Failing implements Operation {
    public Failing() {
      throw new IllegalStateException("no licence");
    }

    @Override
    public Object run(OperationContext context) {
      return "";
    }
  }

  static final class Hidden implements Operation {
    @Override
    public Object run(OperationContext context) {
      return "";
    }
  }

  private record Operations(Set<String> names, String result, List<String> closed)
      implements OperationProvider {
    @Override
    public Operation create(String name, OperationSetup setup) {
      if (setup.stage().params().containsKey("bad")) {
        throw new IllegalArgumentException("the parameter 'bad' must be good");
      }
      final class Made implements Operation, AutoCloseable {
        @Override
        public Object run(OperationContext context) {
          return result;
        }

        @Override
        public void close() {
          closed.add(setup.stage().id());
          if (setup.stage().params().containsKey("stuck")) {
            throw new IllegalStateException(setup.stage().id() + " is stuck");
          }
        }
      }

      return new Made();
    }
  }

  private record Modifiers(Set<String> names) implements ModifierProvider {
    @Override
    public ModifierHooks create(Modifier modifier, OperationSetup setup) {
      return new ModifierHooks() {};
    }
  }

  private final List<String> closed = new ArrayList<>();

  private StageCodes open(Workflow workflow, OperationProvider... operations) {
    return TestCodes.open(
        workflow,
        Providers.of(
            List.of(),
            List.of(operations),
            List.of(new Modifiers(Set.of("gpu.preload"))),
            List.of(),
            List.of()),
        directory,
        Map.of());
  }

  private List<String> problems(Workflow workflow, OperationProvider... operations) {
    try (StageCodes codes = open(workflow, operations)) {
      throw new AssertionError(
          "nothing is wrong with " + codes.of(workflow.stages().get(0)));
    } catch (WorkflowException e) {
      return e.problems().stream().map(Problem::toString).toList();
    }
  }

  private Object run(StageCodes codes, Stage stage) throws Exception {
    return Hooks.run(codes.of(stage), new FakeContext(stage, directory));
  }

  private static Workflow workflow(String op, String impl) {
    return Workflow.builder()
        .registry(new Registry(impl.isEmpty() ? Map.of() : Map.of(op, impl), Map.of()))
        .stage("Fit")
        .op(op)
        .build();
  }

  @Test
  void prefersTheStagesOwnCodeThenTheWorkflowsThenTheRegistrysThenProviders() throws Exception {
    Workflow workflow = Workflow.builder()
        .operation("a", NOTHING)
        .operation("b", NOTHING)
        .registry(
            new Registry(Map.of("b", "java:x.Y", "c", "java:" + Train.class.getName()), Map.of()))
        .stage("A", stage -> stage.op("a").run(context -> "stage"))
        .stage("B", stage -> stage.op("b"))
        .stage("C", stage -> stage.op("c"))
        .stage("D", stage -> stage.op("d"))
        .stage("E", stage -> stage.op("shell"))
        .build();
    Operations provider = new Operations(Set.of("a", "b", "c", "d", "shell"), "provided", closed);
    try (StageCodes codes = open(workflow, provider)) {
      List<Object> results = new ArrayList<>();
      for (Stage stage : workflow.stages()) {
        results.add(run(codes, stage));
      }
      assertThat(results).containsExactly("stage", "own", "java:C", "provided", "provided");
    }
    assertThat(closed).containsExactlyInAnyOrder("D", "E");
  }

  @Test
  void hasShellAndPythonBuiltIn() throws Exception {
    Workflow workflow = Workflow.builder()
        .stage("Hello")
        .op("shell")
        .param("command", "echo hello")
        .build();
    try (StageCodes codes = open(workflow)) {
      assertThat(run(codes, workflow.stages().get(0))).isEqualTo("hello");
    }
  }

  @Test
  void listsAllProblemsWithPlaceAndSuggestion() {
    Workflow workflow = Workflow.builder()
        .operation("custom.train", NOTHING)
        .stage("A", stage -> stage.op("custom.trian").location(new SourceLocation("w.yaml", 3, 5)))
        .stage("B", stage -> stage.op("custom.train").modifier("gpu.prelod").modifier("profil"))
        .stage("C", stage -> stage.op("given").param("bad", 1))
        .stage("D", stage -> stage.op("shell").param("comand", "x"))
        .build();
    assertThat(problems(workflow, new Operations(Set.of("given"), "", closed)))
        .containsExactly(
            "w.yaml:3:5: stage A.op: there is no operation named 'custom.trian'; did you mean"
                + " 'custom.train'? known: custom.train, given, python, shell",
            "stage B.execution.modifiers[0]: there is no modifier named 'gpu.prelod'; did you mean"
                + " 'gpu.preload'? known: cuda.jit, diagnostics, gpu.preload, profile",
            "stage B.execution.modifiers[1]: there is no modifier named 'profil'; did you mean"
                + " 'profile'? known: cuda.jit, diagnostics, gpu.preload, profile",
            "stage C.op: the parameter 'bad' must be good",
            "stage D.op: shell has no parameter 'comand', and no placeholder {params.comand} uses"
                + " it; did you mean 'command'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java:no.Such                        | class no.Such was not found",
        "java:java.lang.String               | does not implement dev.muster.workflow.Operation",
        "java:dev.muster.internal.operation.StageCodesTest$Needy | needs a public constructor without parameters",
        "java:dev.muster.internal.operation.StageCodesTest$Failing | failed: java.lang.IllegalStateException: no licence",
        "java:dev.muster.internal.operation.StageCodesTest$Hidden | must be public and not abstract",
        "analysis.train.run                  | did you mean 'analysis.train:run'?",
        "analysis train:run                  | must be module:name",
        ":run                                | must be module:name",
      })
  void saysWhatIsWrongWithAnImplementation(String impl, String message) {
    assertThat(problems(workflow("custom.train", impl)))
        .singleElement()
        .asString()
        .startsWith("stage Fit.op: ")
        .contains(message);
  }

  @Test
  void tellsEveryWrongParameterOfACommand() {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage
                .op("shell")
                .param("command", List.of("echo", List.of(1), "{params.none}"))
                .param("shell", "bash")
                .param("capture", "jsno")
                .param("cwd", Map.of())
                .param("outputs", "x")
                .param("variables", new TreeMap<>(Map.of("A=B", "1", "C", List.of())))
                .param("stdinn", "text"))
        .stage("B", stage -> stage.op("python").param("callable", "a.b").param("args", "1"))
        .build();
    assertThat(problems(workflow))
        .satisfiesExactlyInAnyOrder(
            each -> assertThat(each).contains("'capture' must be text, lines, json"),
            each -> assertThat(each).contains("'shell' is for a command that is a text"),
            each -> assertThat(each).contains("'command[1]' must be text, got a list"),
            each -> assertThat(each).contains("there is no parameter for {params.none}"),
            each -> assertThat(each).contains("'outputs' must be a mapping"),
            each -> assertThat(each).contains("'cwd' must be text"),
            each -> assertThat(each).contains("'variables': the name of a variable"),
            each -> assertThat(each).contains("'variables.C' must be text"),
            each -> assertThat(each).contains("no parameter 'stdinn'"),
            each -> assertThat(each).contains("'callable' must be module:name"),
            each -> assertThat(each).contains("'args' must be a list"));
  }

  /** Refuses negative numbers, one at a time; {@code all} lists them. */
  private record Positive(Set<String> names, boolean all) implements OperationProvider {
    @Override
    public Operation create(String name, OperationSetup setup) {
      List<Problem> wrong = new ArrayList<>();
      new TreeMap<>(setup.stage().params()).forEach((key, value) -> {
        if (value instanceof Integer number && number < 0) {
          wrong.add(new Problem(null, "params." + key, "'" + key + "' is negative", null));
        }
      });
      if (all && !wrong.isEmpty()) {
        throw new WorkflowException(wrong);
      }
      if (!wrong.isEmpty()) {
        throw new IllegalArgumentException(wrong.get(0).message());
      }
      if (!setup.stage().params().containsKey("bins")) {
        throw new IllegalArgumentException("the parameter 'bins' is missing");
      }
      return NOTHING;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tellsEveryWrongParameterOfAnOperationOfOthers(boolean all) {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("own").param("bins", -1).param("low", 1).param("high", -3))
        .build();
    assertThat(problems(workflow, new Positive(Set.of("own"), all)))
        .satisfiesExactlyInAnyOrder(
            each -> assertThat(each).contains("'bins' is negative"),
            each -> assertThat(each).contains("'high' is negative"));
  }

  @Test
  void needsACallableForPython() {
    assertThat(problems(workflow("python", ""))).singleElement().asString().contains("'callable'");
  }

  @Test
  void closesWhatItMadeWhenAnotherStageIsWrong() {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("given"))
        .stage("B", stage -> stage.op("nothing"))
        .build();
    assertThat(problems(workflow, new Operations(Set.of("given"), "", closed))).hasSize(1);
    assertThat(closed).containsExactly("A");
  }

  @Test
  void closesEverythingEvenIfSomethingIsStuck() {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("given"))
        .stage("B", stage -> stage.op("given").param("stuck", true))
        .stage("C", stage -> stage.op("given").param("stuck", true))
        .build();
    StageCodes codes = open(workflow, new Operations(Set.of("given"), "", closed));
    assertThatThrownBy(codes::close)
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("C is stuck")
        .satisfies(error -> assertThat(error.getSuppressed())
            .singleElement()
            .satisfies(further -> assertThat(further).hasMessage("B is stuck")));
    assertThat(closed).containsExactly("C", "B", "A");
    codes.close();
    assertThat(closed).hasSize(3);
  }

  @Test
  void doesNotCloseWhatTheUserMade() {
    final class Own implements Operation, AutoCloseable {
      @Override
      public Object run(OperationContext context) {
        return "";
      }

      @Override
      public void close() {
        closed.add("own");
      }
    }

    Workflow workflow = Workflow.builder().stage("A").run(new Own()).build();
    open(workflow).close();
    assertThat(closed).isEmpty();
  }

  @Test
  void readsEnvFilesFromTheWorkflowsFolder() throws Exception {
    Files.writeString(directory.resolve("my.env"), "TOKEN=secret\n");
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage
                .run(NOTHING)
                .environment(
                    StageEnvironment.builder().envFile(Path.of("my.env")).build()))
        .build();
    try (StageCodes codes = open(workflow)) {
      LocalCode code = codes.of(workflow.stages().get(0));
      assertThat(code.variables()).isEqualTo(Map.of("TOKEN", "secret"));
      assertThat(code.toString()).contains("TOKEN").doesNotContain("secret");
    }
  }

  @Test
  void refusesImagesRatherThanIgnoringThem() {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage
                .run(NOTHING)
                .environment(
                    StageEnvironment.builder().image("rootproject/root").build()))
        .build();
    assertThat(problems(workflow))
        .singleElement()
        .asString()
        .contains("rootproject/root", "only the operation shell runs in containers, not Java code");
  }

  @Test
  void tellsOfAnImageThatIsNotThereWhereItIsAskedFor() {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage
                .op("shell")
                .param("command", "true")
                .environment(environment -> environment.image("./none.tar")))
        .build();
    assertThat(problems(workflow))
        .singleElement()
        .asString()
        .contains("stage A.environment.image: ");
  }

  private static void boxed(Stage.Builder stage, String op) {
    stage.op(op).environment(environment -> environment.image("acme/tools:1"));
  }

  @Test
  void onlyCommandsRunInContainers() {
    Workflow workflow = Workflow.builder()
        .registry(
            new Registry(Map.of("train", "analysis:run", "fit", "java:com.acme.Fit"), Map.of()))
        .operation("select", context -> "")
        .stage("Python", stage -> {
          boxed(stage, "python");
          stage.param("callable", "m:f");
        })
        .stage("Train", stage -> boxed(stage, "train"))
        .stage("Fit", stage -> boxed(stage, "fit"))
        .stage("Select", stage -> boxed(stage, "select"))
        .build();
    String words = "environment.image: the stage asks for the container image 'acme/tools:1', but"
        + " only the operation shell runs in containers, not ";
    List<String> of = List.of(
        "stage Python." + words + "Python code",
        "stage Train." + words + "Python code",
        "stage Fit." + words + "Java code",
        "stage Select." + words + "Java code");
    assertThat(problems(workflow).stream().filter(each -> each.contains(".image: ")))
        .hasSize(4)
        .allMatch(each -> of.stream().anyMatch(each::startsWith));
    assertThat(StageCodes.problems(
            workflow,
            workflow.stages(),
            TestCodes.noProviders(),
            directory,
            Setting.local(Map.of(), List.of())))
        .hasSize(4)
        .allMatch(each -> each.toString().contains(words));
  }

  @Test
  void takesPythonModifiersOnlyOnPythonAndOnlyLast() {
    Workflow workflow = Workflow.builder()
        .registry(new Registry(Map.of("train", "analysis:run"), Map.of("scale", "mods:Scale")))
        .stage("A", stage -> stage.run(NOTHING).modifier("scale"))
        .modifier("mine", new ModifierHooks() {})
        .stage("B", stage -> stage.op("train").modifier("scale").modifier("mine"))
        .stage("C", stage -> stage.op("train").modifier("mine").modifier("scale"))
        .stage("D", stage -> stage.op("train").modifier("scale").modifier("profile"))
        .build();
    assertThat(problems(workflow))
        .satisfiesExactly(
            problem -> assertThat(problem)
                .startsWith("stage A.execution.modifiers: the modifier 'scale' is Python"),
            problem -> assertThat(problem)
                .startsWith("stage B.execution.modifiers[1]: the Java modifier 'mine' comes"
                    + " after the Python modifier 'scale'"));
  }

  @Test
  void rejectsParametersOfBuiltInModifiers() {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage.run(NOTHING).modifier(new Modifier("profile", Map.of("deep", true))))
        .build();
    assertThat(problems(workflow)).singleElement().asString().contains("has no parameters", "deep");
  }

  @Test
  void profilesJavaCode() throws Exception {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.run(context -> new int[1000].length).modifier("profile"))
        .build();
    try (StageCodes codes = open(workflow)) {
      Stage stage = workflow.stages().get(0);
      FakeContext context = new FakeContext(stage, directory);
      assertThat(Hooks.run(codes.of(stage), context)).isEqualTo(1000);
      assertThat((long) context.diagnostics.get("allocated_bytes")).isGreaterThan(4000);
      assertThat(context.diagnostics)
          .containsOnlyKeys("wall_seconds", "cpu_seconds", "allocated_bytes");
    }
  }

  @Test
  void knowsOnlyTheStagesThatItWasGiven() {
    Workflow workflow = Workflow.builder().stage("A").run(NOTHING).build();
    try (StageCodes codes = open(workflow)) {
      assertThatThrownBy(() -> codes.of(Stage.builder("B").build()))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static final Setting NO_JAVA = new Setting(
      "far",
      new Carries(Set.of(Kind.PYTHON, Kind.SHELL), Map.of("diagnostics", "kit:Diagnostics"), false),
      Map.of(),
      List.of());

  private StageCodes elsewhere(Workflow workflow) {
    return StageCodes.resolve(
        workflow, workflow.stages(), TestCodes.noProviders(), directory, NO_JAVA);
  }

  @Test
  void refusesWhatTheBackendDoesNotCarryOutAndAllElseThatIsWrongAtOnce() {
    Workflow workflow = Workflow.builder()
        .registry(new Registry(Map.of("c", "java:x.Y", "d", "no colon"), Map.of()))
        .stage("A", stage -> stage.run(context -> 1))
        .stage("B", stage -> stage.op("shel"))
        .stage("C", stage -> stage.op("c"))
        .stage("D", stage -> stage.op("d"))
        .stage("E", stage -> stage.op("shell").param("command", "true").param("capture", "jsno"))
        .stage("F", stage -> stage.op("shell").param("command", "true").modifier("timed"))
        .stage("G", stage -> stage.op("python"))
        .build();
    assertThatThrownBy(() -> elsewhere(workflow))
        .isInstanceOfSatisfying(
            WorkflowException.class, e -> assertThat(e.problems()).hasSize(7))
        .hasMessageContaining("is Java code, which workers of the backend far cannot run")
        .hasMessageContaining("write environment.executor: LocalExecutor")
        .hasMessageContaining("there is no operation named 'shel'; did you mean 'shell'?")
        .hasMessageContaining("stage C.op: the operation 'c' is Java code")
        .hasMessageContaining("stage D.op: the implementation of d must be module:name")
        .hasMessageContaining("stage E.op: the parameter 'capture' must be text, lines, json")
        .hasMessageContaining("workers of the backend far know no Python modifier 'timed'")
        .hasMessageContaining("python needs the parameter 'callable'");
    List<Problem> problems = new ArrayList<>();
    try (StageCodes codes = StageCodes.resolve(
        workflow, workflow.stages(), TestCodes.noProviders(), directory, NO_JAVA, problems)) {
      assertThat(codes.has(workflow.stages().get(0))).isFalse();
    }
    assertThat(problems).hasSize(7);
  }

  @Test
  void modifiersOfTheBackendAreFoundWhereThereIsNoJava() {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("python").param("callable", "m:f").modifier("diagnostics"))
        .build();
    try (StageCodes codes = elsewhere(workflow)) {
      StageCode code = codes.code(workflow.stages().get(0));
      assertThat(code.around().modifiers())
          .containsExactly(new PythonModifier("diagnostics", "kit:Diagnostics", Map.of()));
      assertThat(code.json()).containsEntry("callable", "m:f").containsEntry("params", Map.of());
    }
  }

  /** A name that means a given modifier in this JVM does not mean another one elsewhere. */
  @Test
  void aGivenModifierIsNotReplacedByOneOfTheBackend() {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("python").param("callable", "m:f").modifier("diagnostics"))
        .build();
    ModifierProvider given = new ModifierProvider() {
      @Override
      public Set<String> names() {
        return Set.of("diagnostics");
      }

      @Override
      public ModifierHooks create(Modifier modifier, OperationSetup setup) {
        return new ModifierHooks() {};
      }
    };
    Providers providers = Providers.of(List.of(), List.of(), List.of(given), List.of(), List.of());
    assertThatThrownBy(
            () -> StageCodes.resolve(workflow, workflow.stages(), providers, directory, NO_JAVA))
        .hasMessageContaining("workers of the backend far know no Python modifier 'diagnostics'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cat {files} | true",
        "xargs < '{files_list}' | true",
        "echo \"$MUSTER_FILES\" | true",
        "xargs < $MUSTER_FILES_LIST | true",
        "printenv {params.text} | true",
        "awk '\\{files++\\} END \\{print files\\}' | false",
        "echo {stage} files | false"
      })
  void aCommandSaysWhetherItTakesFiles(String command, boolean takes) {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> {
          stage.op("shell").param("command", command);
          if (command.contains("{params.text}")) {
            stage.param("text", "MUSTER_FILES_LIST");
          }
        })
        .build();
    try (StageCodes codes = elsewhere(workflow)) {
      ShellCode code = (ShellCode) codes.code(workflow.stages().get(0));
      assertThat(code.command().takesFiles()).isEqualTo(takes);
    }
  }

  private String fingerprint(Object command, int n, String variable) {
    Workflow workflow = Workflow.builder()
        .stage(
            "A",
            stage -> stage
                .op("shell")
                .param("command", command)
                .param("n", n)
                .environment(
                    each -> each.variables(new Variables.Values(Map.of("TOKEN", variable)))))
        .build();
    try (StageCodes codes = elsewhere(workflow)) {
      return codes.code(workflow.stages().get(0)).fingerprint();
    }
  }

  @Test
  void aFingerprintChangesWithWhatTheCodeMeans() {
    String one = fingerprint("echo {params.n}", 1, "secret");
    assertThat(one).matches("[0-9a-f]{64}");
    assertThat(fingerprint("echo {params.n}", 1, "secret")).isEqualTo(one);
    assertThat(Set.of(
            one,
            fingerprint("echo {params.n}", 2, "secret"),
            fingerprint("echo {params.n}", 1, "other"),
            fingerprint("echo '{params.n}'", 1, "secret"),
            fingerprint(List.of("echo", "{params.n}"), 1, "secret")))
        .hasSize(5);
  }

  @Test
  void aPlaceInACommandIsToldAsOneOfTheCommand() {
    Workflow workflow = Workflow.builder()
        .stage("A", stage -> stage.op("shell").param("command", "echo `echo {stage}`"))
        .build();
    assertThat(problems(workflow))
        .singleElement()
        .asString()
        .startsWith("stage A.params.command: the placeholder {stage} in line 1, column 12 of the");
  }
}
