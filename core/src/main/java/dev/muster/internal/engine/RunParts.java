package dev.muster.internal.engine;

import dev.muster.internal.resume.RunRecords;
import dev.muster.plan.Plan;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.RunShare;
import dev.muster.spi.StoredOutput;
import dev.muster.spi.TaskSink;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** What sessions and the tasks of this JVM know of their run. Thread-safe. */
final class RunParts implements RunSupport {
  private final String id;
  private final Plan plan;
  private final RunFiles files;
  private final RunState state;
  private final TaskSink sink;
  private final FlowControl control;
  private final boolean keepValues;
  private final RunShare share;
  private final @Nullable EngineSite site;
  private final @Nullable RunRecords records;
  private final Set<JvmTaskBody> bodies = Collections.newSetFromMap(new WeakHashMap<>());

  RunParts(
      String id,
      Plan plan,
      RunFiles files,
      RunState state,
      TaskSink sink,
      FlowControl control,
      EngineOptions options,
      @Nullable RunRecords records,
      @Nullable EngineSite site) {
    this.records = records;
    this.id = id;
    this.plan = plan;
    this.files = files;
    this.state = state;
    this.sink = sink;
    this.control = control;
    this.keepValues = options.keepValues();
    this.share = options.share();
    this.site = site;
  }

  @Override
  public String runId() {
    return id;
  }

  @Override
  public Path baseDirectory() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  @Override
  public RunFiles files() {
    return files;
  }

  @Override
  public TaskSink sink() {
    return sink;
  }

  @Override
  public @Nullable Object output(int task) {
    if (TaskStates.statusOf(state.states().get(task)) != TaskStates.SUCCEEDED) {
      throw new IllegalArgumentException(plan.nameOf(task) + " has not succeeded");
    }
    Object output = state.outputs().get(task);
    if (output == null && state.outputs().dropped(task)) {
      throw new IllegalArgumentException("the output of " + plan.nameOf(task)
          + " is no longer available: all its consumers have finished");
    }
    return output instanceof StoredOutput stored ? stored.read() : output;
  }

  @Override
  public boolean isMissing(int task) {
    return state.states().isAbsent(task);
  }

  @Override
  public boolean keepsValues() {
    return keepValues;
  }

  @Override
  public boolean keepsRecords() {
    return records != null;
  }

  @Override
  public RunShare share() {
    return share;
  }

  @Override
  public @Nullable EngineSite engineSite() {
    return site;
  }

  @Override
  public @Nullable ResultKeys resultKeys() {
    return records;
  }

  @Override
  public @Nullable OutputCopy copyInFile(int task) {
    OutputCopy copy =
        state.outputs().get(task) instanceof StoredOutput stored ? stored.copy() : null;
    return copy == null || copy.file() == null ? null : copy;
  }

  @Override
  public void code(int task, CodeFiles files) {
    if (records != null) {
      records.code(task, files);
    }
  }

  @Override
  public boolean isCurrent(int task, int attempt) {
    return state.states().isCurrent(task, attempt);
  }

  @Override
  public void made(JvmTaskBody body) {
    synchronized (bodies) {
      bodies.add(body);
    }
  }

  /** Tells whether the calling thread carries out an operation of the run. */
  boolean operationRunsHere() {
    synchronized (bodies) {
      return bodies.stream().anyMatch(JvmTaskBody::runsHere);
    }
  }

  @Override
  public void log(int task, String message) {
    control.log(task, message);
  }
}
