package dev.muster.internal.operation;

import dev.muster.workflow.Operation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An operation of another module that starts commands. */
public interface CommandOperation extends Operation {
  /**
   * Returns the operation for a run, or for a check, which starts nothing.
   *
   * @param host what the operations of the run share
   */
  Operation open(CommandHost host);

  /** Returns the files that it runs: if they change, it does something else. Empty if it runs Java. */
  List<Path> code();

  /** Returns what else it depends on. */
  Map<String, @Nullable Object> settings();

  /** Returns why nothing certain is known of what it does, or null. */
  @Nullable
  String uncertain();
}
