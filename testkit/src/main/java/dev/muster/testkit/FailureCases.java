package dev.muster.testkit;

import static dev.muster.run.FailureKind.ENVIRONMENT;
import static dev.muster.run.FailureKind.OPERATION;
import static dev.muster.run.FailureKind.OUT_OF_MEMORY;
import static dev.muster.run.FailureKind.SERIALIZATION;
import static dev.muster.run.FailureKind.TIMEOUT;
import static dev.muster.testkit.FailureCase.again;
import static dev.muster.testkit.FailureCase.argv;
import static dev.muster.testkit.FailureCase.callable;
import static dev.muster.testkit.FailureCase.foreign;
import static dev.muster.testkit.FailureCase.java;
import static dev.muster.testkit.FailureCase.lost;
import static dev.muster.testkit.FailureCase.once;
import static dev.muster.testkit.FailureCase.python;
import static dev.muster.testkit.FailureCase.shell;
import static dev.muster.testkit.FailureCase.taken;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.testkit.FailureCase.Outcome;
import dev.muster.value.ValueException;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of failures: what a stage does, and how it has to end on every backend. */
final class FailureCases {
  private static final int ATTEMPTS_WHEN_LOST = 3;
  private static final int ATTEMPTS_WHEN_PREEMPTED = 100;

  private FailureCases() {}

  /** Returns all rows. */
  static List<FailureCase> all() {
    List<FailureCase> all = new ArrayList<>();
    all.addAll(commands());
    commands().forEach(row -> all.add(row.modified()));
    all.addAll(exceptions());
    all.addAll(ends());
    all.addAll(outputs());
    all.addAll(imports());
    all.addAll(modifiers());
    all.addAll(operations());
    return all;
  }

  private static FailureCase exit(int code, String shown) {
    return shell(
        "exit_" + code, "echo last words >&2; exit " + code, again(OPERATION, code, shown));
  }

  private static FailureCase signal(String name, int code) {
    return shell(
        "kill_" + name.toLowerCase(Locale.ROOT),
        "kill -" + name + " $$; sleep 60",
        again(OPERATION, code, "exit code " + code + " (SIG" + name + ")"));
  }

  private static List<FailureCase> commands() {
    return List.of(
        exit(1, "exit code 1: "),
        exit(2, "\nstderr:\n  last words"),
        shell(
            "control_characters",
            "printf '\\033[31mred\\007\\r\\nx' >&2; echo out; exit 1",
            again(OPERATION, 1, "\nstderr:\n  red\\u0007\n  x\nstdout:\n  out")),
        shell(
            "many_lines",
            "seq 100 >&2; exit 1",
            again(OPERATION, 1, "\nstderr:\n  ...\n  81\n  82\n")),
        exit(126, "exit code 126"),
        exit(127, "127 usually means that a program was not found"),
        exit(137, "exit code 137 (SIGKILL)"),
        exit(250, "exit code 250"),
        exit(255, "exit code 255"),
        signal("TERM", 143),
        signal("KILL", 137),
        signal("SEGV", 139),
        signal("ABRT", 134),
        shell(
            "child_killed", "sh -c 'kill -KILL $$'", again(OPERATION, 137, "something killed it")),
        // Its parent is a process of its own where the backend starts commands by launchers.
        shell(
            "launcher_killed",
            "grep -q muster-launcher /proc/$PPID/cmdline || exit 9; echo last words >&2; sleep 0.5; "
                + "kill -KILL $PPID; sleep 60",
            lost(null)),
        shell("not_found", "no-such-program", again(OPERATION, 127, "no-such-program")),
        shell("not_executable", "'{base_dir}/plain-file'", again(OPERATION, 126, "plain-file")),
        shell(
            "argv_not_found",
            argv("no-such-program", "x"),
            again(OPERATION, null, "the program of the command was not found: no-such-program x")),
        shell(
            "argv_not_executable",
            argv("{base_dir}/plain-file"),
            again(OPERATION, null, "is not executable; try chmod +x")),
        shell("argv_folder", argv("{base_dir}"), again(OPERATION, null, "is a folder")),
        shell("argv_exit", argv("sh", "-c", "exit 3"), again(OPERATION, 3, "exit code 3")),
        shell("no_cwd", "true", again(OPERATION, null, "there is no such folder"))
            .param("cwd", "no-such-folder"),
        shell("argv_no_cwd", argv("true"), again(OPERATION, null, "there is no such folder"))
            .param("cwd", "no-such-folder"),
        shell("slow", "sleep 60", again(TIMEOUT, null, "timeout")).timeout(Duration.ofMillis(300)),
        shell("cwd_file", "true", again(OPERATION, null, "cannot be started"))
            .param("cwd", "plain-file"),
        shell(
            "argv_no_interpreter",
            argv("{base_dir}/script"),
            again(OPERATION, null, "needs /no/such/program, which is not there")),
        shell(
                "argv_long",
                argv("echo", "{params.x}"),
                once(SERIALIZATION, "too long for a command"))
            .param("x", "x".repeat(200_000)),
        shell("unread", "true", taken("")).param("stdin", "x".repeat(200_000)),
        shell(
            "much_output",
            "head -c 17000000 /dev/zero",
            once(SERIALIZATION, "the command printed 17000000 bytes")),
        shell("no_output", "true", again(OPERATION, null, "did not write the output 'o'"))
            .param("outputs", Map.of("o", "o.txt")),
        shell(
                "output_of_before",
                "[ {attempt} = 2 ] || { echo old > o.txt; exit 1; }",
                again(OPERATION, null, "did not write the output 'o'"))
            .param("outputs", Map.of("o", "o.txt")),
        shell("no_json", "echo {", once(SERIALIZATION, "did not print JSON"))
            .param("capture", "json"));
  }

  private static List<FailureCase> exceptions() {
    return List.of(
        python("raises", again(OPERATION, null, "ValueError: on purpose")),
        python("text_raises", again(OPERATION, null, "__str__ raised ValueError")),
        python("text_is_none", again(OPERATION, null, "__str__ raised TypeError")),
        python("text_ends", again(OPERATION, null, "__str__ raised SystemExit")),
        python("text_no_unicode", again(OPERATION, null, "Odd: a\\udcffb")),
        python("text_of_10_mb", again(OPERATION, null, "xxx... (10000000 characters)")),
        python("cause_raises", again(OPERATION, null, "ValueError: outer")),
        python("recursion", again(OPERATION, null, "RecursionError")),
        python("memory", again(OUT_OF_MEMORY, null, "MemoryError")),
        python("keyboard", again(OPERATION, null, "KeyboardInterrupt")),
        python("generator_exit", again(OPERATION, null, "GeneratorExit")),
        python("number", again(OPERATION, null, "ValueError: 137")),
        python(
            "late_import", once(ENVIRONMENT, "No module named 'no_such_module'; looked for by ")),
        python("stop", again(OPERATION, null, "StopIteration")),
        python("assertion", again(OPERATION, null, "AssertionError")),
        python("broken_pipe", again(OPERATION, null, "BrokenPipeError")),
        python("connection", again(OPERATION, null, "ConnectionResetError: on purpose")),
        python("cancelled", again(OPERATION, null, "CancelledError")),
        python("program", again(OPERATION, null, "CalledProcessError: ")),
        python("slow_loop", again(TIMEOUT, null, "timeout")).timeout(Duration.ofMillis(300)),
        python("folder_of_before", again(OPERATION, null, "ValueError: attempt 2 found []")),
        python("threads_end", taken("lived on")));
  }

  private static List<FailureCase> ends() {
    return List.of(
        python("exit_code", again(OPERATION, 3, "called sys.exit(3)")),
        python("exit_text", again(OPERATION, 1, "called sys.exit(text)")),
        python("exit_nothing", again(OPERATION, null, "called sys.exit()")),
        python("exit_zero", again(OPERATION, null, "called sys.exit(0)")),
        python("exit_negative", again(OPERATION, 247, "called sys.exit(-9)")),
        python("end_process", lost(7)).endingItsWorker(),
        python("end_process_well", lost(null)).endingItsWorker(),
        python("kill_process", lost(137)).endingItsWorker(),
        python("segv_process", lost(139)).endingItsWorker(),
        python("thread_aborts", lost(134)).endingItsWorker(),
        python("output_ends_process", lost(7)).endingItsWorker(),
        python("output_ends_process_well", lost(null)).endingItsWorker(),
        python("output_aborts", lost(134)).endingItsWorker(),
        python("encoding_segv", lost(139)).endingItsWorker(),
        python("pickling_segv", lost(139)).endingItsWorker(),
        callable("pickling_segv_passed_on", "failing:pickling_segv", lost(139))
            .endingItsWorker()
            .passedOn(),
        python("thread_aborts_later", taken("lived on")).endingItsWorker(),
        python("exit_handler", taken("lived on")).endingItsWorker());
  }

  private static List<FailureCase> outputs() {
    Outcome lock = once(SERIALIZATION, "output is a _thread.lock, which cannot be passed on");
    Outcome generator =
        once(SERIALIZATION, "output is a builtins.generator, which cannot be passed on");
    Outcome unpicklable = once(SERIALIZATION, "output is a failing.Unpicklable, which cannot be");
    return List.of(
        python("a_set", foreign("output.x is a builtins.set")),
        python("an_open_file", once(SERIALIZATION, "output is a _io.TextIOWrapper")),
        python("a_key", foreign("keys must be strings")),
        python("a_ring", foreign("holds itself")),
        python("a_surrogate", foreign("is no Unicode")),
        python("a_coroutine", again(OPERATION, null, "is an async function")),
        python("not_a_number", taken("NaN")),
        callable("set_passed_on", "failing:a_set", taken("")).passedOn(),
        python("a_lock", lock),
        callable("lock_passed_on", "failing:a_lock", lock).passedOn(),
        python("a_generator", generator),
        callable("generator_passed_on", "failing:a_generator", generator).passedOn(),
        python("text_of_pickling_raises", unpicklable),
        callable("text_passed_on", "failing:text_of_pickling_raises", unpicklable)
            .passedOn(),
        python("memory_of_pickling", again(OUT_OF_MEMORY, null, "MemoryError")),
        callable(
                "memory_passed_on",
                "failing:memory_of_pickling",
                again(OUT_OF_MEMORY, null, "MemoryError"))
            .passedOn());
  }

  private static List<FailureCase> imports() {
    return List.of(
        callable("no_module", "no_such_module:f", once(ENVIRONMENT, "No module named")),
        callable(
            "module_imports_nothing", "imports_nothing:f", once(ENVIRONMENT, "No module named")),
        callable(
            "module_imports_wrong", "imports_wrong:f", again(OPERATION, null, "cannot import")),
        callable("no_attribute", "failing:raise", again(OPERATION, null, "did you mean 'raises'?")),
        callable("no_syntax", "unreadable:f", again(OPERATION, null, "SyntaxError")),
        callable("not_callable", "failing:NUMBER", again(OPERATION, null, "is not callable")),
        callable("no_argument", "failing:takes", again(OPERATION, null, "'needed'")),
        callable(
                "more_arguments",
                "failing:raises",
                again(OPERATION, null, "does not take the parameter"))
            .param("needless", 1));
  }

  private static FailureCase modifier(String name, Outcome outcome) {
    return callable(name, "failing:number_7", outcome).modifier(name);
  }

  private static List<FailureCase> modifiers() {
    return List.of(
        modifier("raising_before", again(OPERATION, null, "ValueError: no text")),
        modifier("raising_after", again(OPERATION, null, "ValueError: no text")),
        modifier("raising_made", again(OPERATION, null, "ValueError: no text")),
        modifier("ending_before", again(OPERATION, 3, "sys.exit(3)")),
        modifier("not_calling", again(OPERATION, null, "did not")),
        modifier("making_a_set", foreign("is a builtins.set")),
        modifier("without_hooks", again(OPERATION, null, "has none of before_node")),
        modifier("without_attribute", again(OPERATION, null, "has no 'Nothing'")),
        modifier("without_module", once(ENVIRONMENT, "No module named")));
  }

  private static List<FailureCase> operations() {
    List<FailureCase> cases = new ArrayList<>(List.of(
        java(
            "java_throws",
            throwing(new IllegalStateException("on purpose")),
            again(OPERATION, null, "on purpose")),
        java(
            "java_error",
            throwing(new LinkageError("on purpose")),
            again(OPERATION, null, "LinkageError: on purpose")),
        java("java_stack", FailureCases::deeper, again(OPERATION, null, "StackOverflowError")),
        java(
            "java_memory",
            throwing(new OutOfMemoryError("heap")),
            again(OUT_OF_MEMORY, null, "OutOfMemoryError: heap")),
        java(
            "java_value",
            throwing(new ValueException("no word for it", null)),
            once(SERIALIZATION, "no word for it")),
        java(
            "java_interrupt",
            throwing(new InterruptedException("on purpose")),
            again(OPERATION, null, "InterruptedException")),
        java(
            "java_exit_code",
            throwing(new TaskException(OPERATION, "on purpose", 250, null)),
            again(OPERATION, 250, "on purpose"))));
    for (FailureKind kind : FailureKind.values()) {
      cases.add(java(
          "java_" + kind.name().toLowerCase(Locale.ROOT),
          throwing(new TaskException(kind, "as " + kind, null)),
          new Outcome(kind, null, attempts(kind), "as " + kind, true)));
    }
    return cases;
  }

  private static int attempts(FailureKind kind) {
    if (kind == FailureKind.PREEMPTED) {
      return ATTEMPTS_WHEN_PREEMPTED;
    }
    if (!kind.retryable()) {
      return 1;
    }
    return kind.spendsRetry() ? 2 : ATTEMPTS_WHEN_LOST;
  }

  private static Object deeper(OperationContext context) {
    return context.attempt() > 0 ? List.of(deeper(context)) : "";
  }

  private static Operation throwing(Throwable error) {
    return context -> {
      if (error instanceof Error fatal) {
        throw fatal;
      }
      throw (Exception) error;
    };
  }
}
