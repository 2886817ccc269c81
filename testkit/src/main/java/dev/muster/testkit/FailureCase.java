package dev.muster.testkit;

import dev.muster.code.StageCode;
import dev.muster.run.FailureKind;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stage, and how each backend has to end it.
 *
 * @param name of the stage
 * @param code which code it has: a backend that does not carry it out leaves the case out
 * @param change makes it what it is
 * @param outcome what has to become of it
 * @param read whether a stage in another pool reads its output
 * @param endsWorker whether it ends the process that carries it out
 */
record FailureCase(
    String name,
    StageCode.Kind code,
    Consumer<Stage.Builder> change,
    Outcome outcome,
    boolean read,
    boolean endsWorker) {
  /** The module in the test's folder that has the functions. */
  static final String MODULE = "failing";

  /**
   * How a task ends whose stage says {@code retry.max: 1}.
   *
   * @param kind the kind of the failure, or null if it succeeds
   * @param exitCode that of the failure, or null
   * @param attempts how many there are
   * @param message a part of the failure's message, or the output's text
   * @param readable whether Java can read the output; else the message is a part of why not
   */
  record Outcome(
      @Nullable FailureKind kind,
      @Nullable Integer exitCode,
      int attempts,
      String message,
      boolean readable) {}

  private static FailureCase of(
      String name, StageCode.Kind code, Consumer<Stage.Builder> change, Outcome outcome) {
    return new FailureCase(name, code, change, outcome, false, false);
  }

  /** Returns a case of Java code. */
  static FailureCase java(String name, Operation operation, Outcome outcome) {
    return of(name, StageCode.Kind.JAVA, stage -> stage.run(operation), outcome);
  }

  /** Returns a case of a command: a shell text, or a program with its arguments. */
  static FailureCase shell(String name, Object command, Outcome outcome) {
    return of(
        name, StageCode.Kind.SHELL, stage -> stage.op("shell").param("command", command), outcome);
  }

  /** Returns a case of a function in Python, which has the case's name. */
  static FailureCase python(String name, Outcome outcome) {
    return callable(name, MODULE + ":" + name, outcome);
  }

  /** Returns a case of something that is to be called in Python. */
  static FailureCase callable(String name, String callable, Outcome outcome) {
    return of(
        name,
        StageCode.Kind.PYTHON,
        stage -> stage.op("python").param("callable", callable),
        outcome);
  }

  private FailureCase with(Consumer<Stage.Builder> more) {
    return new FailureCase(name, code, change.andThen(more), outcome, read, endsWorker);
  }

  /** Returns this case with another parameter. */
  FailureCase param(String key, Object value) {
    return with(stage -> stage.param(key, value));
  }

  /** Returns this case inside a modifier. */
  FailureCase modifier(String modifier) {
    return with(stage -> stage.modifier(modifier));
  }

  /** Returns this case inside a modifier in Python that changes nothing, with a name of its own. */
  FailureCase modified() {
    FailureCase inside = modifier("plain");
    return new FailureCase(name + "_modified", code, inside.change, outcome, read, endsWorker);
  }

  /** Returns this case with a timeout. */
  FailureCase timeout(Duration timeout) {
    return with(stage -> stage.timeout(timeout));
  }

  /** Returns this case as one whose process does not live on, and serves no other case. */
  FailureCase endingItsWorker() {
    Consumer<Stage.Builder> own =
        stage -> stage.environment(environment -> environment.variable("MUSTER_CASE", name));
    return new FailureCase(name, code, change.andThen(own), outcome, read, true);
  }

  /** Returns this case with a stage that reads its output. */
  FailureCase passedOn() {
    return new FailureCase(name, code, change, outcome, true, endsWorker);
  }

  /** Tells what every backend makes of it: {@code shell kill -KILL: OPERATION, 137}. */
  String title() {
    return code + " " + name + ": " + outcome.kind() + ", exit code " + outcome.exitCode();
  }

  /** An outcome in short: the failure is tried again, once. */
  static Outcome again(FailureKind kind, @Nullable Integer exitCode, String message) {
    return new Outcome(kind, exitCode, 2, message, true);
  }

  /** The failure is not tried again. */
  static Outcome once(FailureKind kind, String message) {
    return new Outcome(kind, null, 1, message, true);
  }

  /** The process died, after it said so: the engine tries it three times in all. */
  static Outcome lost(@Nullable Integer exitCode) {
    return new Outcome(FailureKind.WORKER_LOST, exitCode, 3, "last words", true);
  }

  /** It succeeds with this output. */
  static Outcome taken(String output) {
    return new Outcome(null, null, 1, output, true);
  }

  /** It succeeds with an output that Python functions can read, and Java cannot, for this reason. */
  static Outcome foreign(String why) {
    return new Outcome(null, null, 1, why, false);
  }

  /** Returns the modules that cannot be loaded: name to source. */
  static Map<String, String> brokenModules() {
    return Map.of(
        "imports_nothing.py", "import no_such_module\n",
        "imports_wrong.py", "from math import no_such_name\n",
        "unreadable.py", "def f(:\n");
  }

  /** Returns the modifiers: name to what it stands for. */
  static Map<String, String> modifiers() {
    return Map.of(
        "plain", MODULE + ":Plain",
        "raising_before", MODULE + ":RaisingBefore",
        "raising_after", MODULE + ":RaisingAfter",
        "raising_made", MODULE + ":RaisingMade",
        "ending_before", MODULE + ":EndingBefore",
        "not_calling", MODULE + ":NotCalling",
        "making_a_set", MODULE + ":MakingASet",
        "without_hooks", MODULE + ":raises_nothing",
        "without_attribute", MODULE + ":Nothing",
        "without_module", "no_such_module:Nothing");
  }

  /** Returns a program with arguments. */
  static List<String> argv(String... words) {
    return List.of(words);
  }
}
