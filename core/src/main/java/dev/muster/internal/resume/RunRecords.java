package dev.muster.internal.resume;

import dev.muster.error.MusterException;
import dev.muster.execution.Durability;
import dev.muster.execution.FilesBy;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.StoredOutput;
import dev.muster.workflow.Keep;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run with a directory keeps of its tasks, and what it takes of earlier ones. Thread-safe: a task is told of
 * before its readers begin.
 */
public final class RunRecords implements ResultKeys {
  private static final Logger log = LoggerFactory.getLogger(RunRecords.class);
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final Plan plan;
  private final RecordFolder folder;
  private final TaskKeys keys;
  private final TaskValues values;
  private final RecordWriter writer;
  private final RecordTable table;
  private final @Nullable ResumePlan resumed;
  private final @Nullable BroughtRecords brought;
  private final IntFunction<@Nullable Path> outputs;
  private final ConcurrentLinkedDeque<Work> idle = new ConcurrentLinkedDeque<>();
  private final Map<Integer, CodeFiles> codes = new ConcurrentHashMap<>();
  private final int controller;
  private final CodeStates codeStates = new CodeStates();
  private final SeenData data;
  private final long executions = new SecureRandom().nextLong();

  /** What is needed to write a record. */
  private static final class Work {
    final Hasher hasher = new Hasher();
    final ValueCoder coder;

    Work(Path base) {
      coder = new ValueCoder(base);
    }
  }

  private RunRecords(
      Plan plan,
      RecordFolder folder,
      TaskKeys keys,
      RecordWriter writer,
      RecordTable table,
      @Nullable ResumePlan resumed,
      IntFunction<@Nullable Path> outputs,
      int controller) {
    this.controller = controller;
    this.plan = plan;
    this.folder = folder;
    this.keys = keys;
    this.writer = writer;
    this.table = table;
    this.resumed = resumed;
    this.outputs = outputs;
    values = new TaskValues(plan.taskCount());
    data = new SeenData(keys);
    brought = resumed == null ? null : new BroughtRecords(plan, keys, writer, resumed);
  }

  /**
   * Opens the records of a run.
   *
   * @param codes returns what a stage runs
   * @param directory the run's directory
   * @param controller which controller of the run this is, counted from 1
   * @param durability what the records survive once they are flushed
   * @param keepAll whether the results of all tasks are wanted, not only those that nothing reads
   * @param outputs returns the folder of a task's output files if it was made
   * @throws MusterException if they cannot be read or written
   */
  public static RunRecords open(
      Plan plan,
      Providers providers,
      Function<PlannedStage, RecordedCode> codes,
      Path directory,
      int controller,
      Durability durability,
      boolean keepAll,
      IntFunction<@Nullable Path> outputs) {
    try {
      RecordFolder folder = RecordFolder.open(directory);
      TaskKeys keys = keys(plan, providers, codes, folder.secret());
      RecordTable table = controller == 1 ? RecordTable.empty() : folder.read();
      List<OtherRun> others = OtherRun.of(plan, directory, keys, codes);
      ResumePlan resumed = controller == 1 && others.isEmpty()
          ? null
          : ResumePlan.of(plan, keys, table, others, keepAll);
      RecordWriter writer = new RecordWriter(folder.newSegment(controller), durability);
      if (durability == Durability.MACHINE) {
        OwnFiles.sync(directory.resolve(RunLayout.RECORDS)); // the names of its files
        OwnFiles.sync(directory);
      }
      RunRecords made =
          new RunRecords(plan, folder, keys, writer, table, resumed, outputs, controller);
      if (made.brought != null && !others.isEmpty()) {
        made.brought.all();
      }
      return made;
    } catch (IOException e) {
      throw failure("cannot use the records of the run in " + directory, e);
    }
  }

  private static MusterException failure(String what, IOException e) {
    return new MusterException(what + ": " + IoErrors.describe(e), e);
  }

  /**
   * Says what a resumed run would do, without starting anything.
   *
   * @throws MusterException if the records cannot be read
   */
  public static ResumePlan explain(
      Plan plan,
      Providers providers,
      Function<PlannedStage, RecordedCode> codes,
      Path directory,
      boolean keepAll) {
    try {
      RecordFolder folder = RecordFolder.of(directory);
      TaskKeys keys = keys(plan, providers, codes, folder.secret());
      List<OtherRun> others = OtherRun.of(plan, directory, keys, codes);
      return ResumePlan.of(plan, keys, folder.read(), others, keepAll);
    } catch (IOException e) {
      throw failure("cannot read the records of the run in " + directory, e);
    }
  }

  private static TaskKeys keys(
      Plan plan, Providers providers, Function<PlannedStage, RecordedCode> codes, byte[] secret) {
    boolean contents = plan.execution().execution().filesBy() == FilesBy.CONTENT;
    FileStates files = new FileStates(base(plan), contents);
    return new TaskKeys(
        plan,
        new StagePrints(plan, providers, files, secret).all(codes),
        DataPrints.of(plan, files));
  }

  private static Path base(Plan plan) {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  /** Returns what becomes of each task of a resumed run, or null if this is the first. */
  public @Nullable ResumePlan resumed() {
    return resumed;
  }

  /** Puts what the record of a task says where its readers look for it; returns its result. */
  public StoredOutput take(int task) {
    ResumePlan from = Objects.requireNonNull(resumed);
    int id = from.record(task);
    RecordTable records = from.table(task);
    records.copy(id, task, values);
    boolean late = from.verdict(task) == ResumePlan.Verdict.RUN_IF_CHANGED;
    if (late && from.isOthers(task) && brought != null) {
      try {
        brought.one(task, values, new Hasher());
      } catch (IOException e) { // it runs again in a later run
        log.debug("the record of {} cannot be copied", plan.nameOf(task), e);
      }
    }
    return new KeptOutput(records, plan.nameOf(task), id);
  }

  /** Puts what the record of a task says where its readers look for it. */
  public void pass(int task) {
    ResumePlan from = Objects.requireNonNull(resumed);
    from.table(task).copy(from.record(task), task, values);
  }

  /** Returns the number of a task's record in this run, or a negative number. */
  private int ownRecord(int task) {
    return resumed == null || resumed.isOthers(task) ? RecordTable.NONE : resumed.record(task);
  }

  /** Tells whether a task that is ready gives what its record has, since all that it reads is as it was. */
  public boolean reuses(int task) {
    int next = task;
    while (next >= 0) {
      int id = unchanged(next);
      if (id < 0) {
        return false;
      }
      RecordTable records = Objects.requireNonNull(resumed).table(next);
      if (records.kept(id)) {
        return records.isThere(id);
      }
      next = passed(next, id);
    }
    return false;
  }

  /** Returns the record of a task if it would give the same again, or -1. */
  private int unchanged(int task) {
    if (resumed == null || resumed.verdict(task) != ResumePlan.Verdict.RUN_IF_CHANGED) {
      return -1;
    }
    int id = resumed.record(task);
    Work own = take();
    long now = keys.dataNow(task, own.hasher);
    resumed.keys(task).key(task, now, values, own.hasher);
    boolean same = resumed.table(task).hasKey(id, own.hasher);
    idle.push(own);
    return same ? id : -1;
  }

  /** Returns the one task that reads a result that stayed on its worker, and so must not run either; else -1. */
  private int passed(int task, int id) {
    PlannedStage stage = plan.stageOf(task);
    RecordTable records = Objects.requireNonNull(resumed).table(task);
    if (!records.stayed(id) || stage.outgoing().size() != 1) {
      return -1;
    }
    Link link = stage.outgoing().get(0);
    PlannedStage reader = plan.stages().get(link.consumer());
    if (!link.identity() || link.inputs().isEmpty() || reader.incoming().size() != 1) {
      return -1;
    }
    records.copy(id, task, values); // if the task has to run, its own values follow
    return reader.firstTask() + task - stage.firstTask();
  }

  @Override
  public int controller() {
    return controller;
  }

  @Override
  public List<@Nullable String> keys(int[] tasks) {
    flush(); // of a result without a digest, the record says which execution it is
    Work own = take();
    List<@Nullable String> all = new ArrayList<>(tasks.length);
    for (int task : tasks) {
      if (keys.print(plan.stageOf(task)).never() != null) {
        all.add(null);
      } else {
        keys.key(task, data.of(task), values, own.hasher);
        all.add(HexFormat.of().toHexDigits(own.hasher.high())
            + HexFormat.of().toHexDigits(own.hasher.low()));
      }
    }
    idle.push(own);
    return all;
  }

  @Override
  public boolean isNew(int task, int begun) {
    return table.isNew(
        plan.stageOf(task).id(),
        ResumePlan.datasetOf(plan, task),
        plan.indexInDatasetOf(task),
        begun);
  }

  @Override
  public @Nullable String changed(int task, CodeFiles code) {
    synchronized (codeStates) {
      return keys.print(plan.stageOf(task)).told() ? codeStates.change(code) : null;
    }
  }

  /** Says that a task will run: files that an earlier execution has left are no result any more, and its data is seen. */
  public void begins(int task) {
    int id = ownRecord(task);
    if (id >= 0 && table.hasFiles(id)) {
      note(RecordWriter.BEGUN, task);
      flush();
    }
    Work own = take();
    data.look(task, own.hasher);
    idle.push(own);
  }

  private void note(int what, int task) {
    StagePrint print = keys.print(plan.stageOf(task));
    writer.note(what, print, BroughtRecords.dataset(plan, task), plan.indexInDatasetOf(task));
  }

  /** Says that a task has failed for good. */
  public void failed(int task) {
    if (keys.print(plan.stageOf(task)).never() == null) {
      note(RecordWriter.FAILED, task);
    }
  }

  /** Says which files the code of a task came from, before it succeeds. */
  public void code(int task, CodeFiles files) {
    if (keys.print(plan.stageOf(task)).told()) {
      codes.put(task, files);
    }
  }

  /** Says that a task has succeeded. Called before its readers begin. */
  public void succeeded(int task, @Nullable Object output) {
    long execution = mix(executions + (task + 1) * GOLDEN);
    values.put(task, execution, ~execution, execution);
    StagePrint print = keys.print(plan.stageOf(task));
    if (print.never() != null) {
      return;
    }
    Work own = take();
    try {
      record(print, task, output, execution, own);
    } finally {
      idle.push(own);
    }
  }

  private Work take() {
    Work own = idle.poll();
    return own != null ? own : new Work(base(plan));
  }

  private void record(
      StagePrint print, int task, @Nullable Object output, long execution, Work own) {
    ValueCoder coder = own.coder;
    OutputCopy copy = output instanceof StoredOutput stored ? stored.copy() : OutputCopy.of(output);
    boolean kept = copy != null && coder.encode(copy);
    int flags = copy == null ? RecordWriter.OPAQUE | RecordWriter.STAYED : RecordWriter.OPAQUE;
    List<SavedFile> files = List.of();
    if (kept) {
      Path folderOfFiles = outputs.apply(task);
      if (!coder.files().isEmpty() || folderOfFiles != null) {
        List<SavedFile> found = ResultFiles.of(coder.files(), folderOfFiles);
        kept = found != null;
        files = found == null ? List.of() : found;
      }
      boolean something = copy != null && (copy.value() != null || copy.file() != null);
      if (kept && something && ResultFiles.digest(own.hasher, coder, files)) {
        flags = 0;
        values.put(task, own.hasher.high(), own.hasher.low(), execution);
      }
    }
    long seen = data.ended(task, files, own.hasher);
    if (plan.keepOf(plan.stageOf(task)) == Keep.NONE) { // its digest is known all the same
      kept = false;
      files = List.of();
    }
    keys.key(task, seen, values, own.hasher);
    writer.task(
        print,
        BroughtRecords.dataset(plan, task),
        plan.indexInDatasetOf(task),
        codes.remove(task),
        seen,
        own.hasher,
        values,
        task,
        kept ? flags | RecordWriter.KEPT : flags,
        files,
        coder.bytes(),
        kept ? coder.size() : 0);
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /**
   * Writes what is gathered to disk.
   *
   * @throws MusterException if that fails, or has failed before
   */
  public void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw failure("cannot write the records of the run in " + folder, e);
    }
  }

  /** Closes the file; returns why not everything could be written, or null. */
  public @Nullable MusterException close() {
    data.settle();
    try {
      writer.close();
      return null;
    } catch (IOException e) {
      return failure("cannot write the records of the run in " + folder, e);
    }
  }

  @Override
  public String toString() {
    return "RunRecords(" + folder + ")";
  }
}
