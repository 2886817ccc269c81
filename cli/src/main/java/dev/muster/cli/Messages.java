package dev.muster.cli;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.Visible;
import dev.muster.error.WorkflowException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells the user what is wrong. */
final class Messages {
  private static final long MAX_EXCERPTED = 10_000_000;

  private final Shell shell;
  private final OutputOptions options;
  private final Map<String, List<String>> sources = new HashMap<>();

  Messages(Shell shell, OutputOptions options) {
    this.shell = shell;
    this.options = options;
  }

  /** Tells what is worth knowing about a plan. */
  void warnings(List<Problem> warnings) {
    if (!options.quiet && !warnings.isEmpty()) {
      shell.err().print(ProblemView.warnings(warnings, this::source, style()));
    }
  }

  /** Tells why a command ended, and returns the exit code. */
  int failed(Throwable failure) {
    shell.err().close();
    if (failure instanceof Output.ReaderGoneException) {
      return ExitCode.READER_GONE;
    }
    if (failure instanceof WorkflowException workflow) {
      shell.err().print(ProblemView.render(workflow.problems(), this::source, style()));
      return ExitCode.USAGE;
    }
    if (failure instanceof UsageException || failure instanceof InvalidPathException) {
      error(failure.getMessage());
      return ExitCode.USAGE;
    }
    if (failure instanceof MusterException) {
      error(failure.getMessage());
    } else if (failure instanceof UncheckedIOException unchecked) {
      error(IoErrors.describe(unchecked));
    } else if (failure instanceof IOException broken) {
      error(IoErrors.describe(broken));
    } else {
      unexpected(failure);
    }
    if (options.verbose.length > 0) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      shell.err().print(Visible.text(trace.toString()));
    }
    return ExitCode.FAILED;
  }

  private void unexpected(Throwable failure) {
    Throwable root = failure;
    String where = "";
    if (failure instanceof RunCommand.UnexpectedException internal && internal.getCause() != null) {
      root = internal.getCause();
      where = "; the run's logs: " + internal.logs();
    }
    String more = options.verbose.length > 0 ? "" : "; -v shows where";
    error("internal error: " + root + where + more);
  }

  private void error(@Nullable String message) {
    List<String> lines = Text.lines(String.valueOf(message));
    shell.err().print(style().red("muster:") + " " + (lines.isEmpty() ? "" : lines.get(0)));
    if (lines.size() > 1) {
      shell.err().print(lines.stream().skip(1).map(line -> "  " + line).toList());
    }
  }

  private Style style() {
    return shell.terminal().style(shell.terminal().err(), options.color);
  }

  private List<String> source(String file) {
    return sources.computeIfAbsent(file, this::read);
  }

  // An excerpt is a courtesy: a file that cannot be read any more, is not text or is huge has none.
  private List<String> read(String file) {
    try {
      Path path = shell.directory().resolve(file);
      if (!Files.isRegularFile(path) || Files.size(path) > MAX_EXCERPTED) {
        return List.of();
      }
      return SecretLines.leftOut(file, Files.readAllLines(path));
    } catch (MalformedInputException | InvalidPathException e) {
      return List.of();
    } catch (IOException e) {
      return List.of();
    }
  }
}
