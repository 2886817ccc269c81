package dev.muster.internal.resume;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.OutputCopy;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another run whose results a run may take: what it has recorded, and the keys that tasks have there. Immutable and
 * thread-safe.
 */
final class OtherRun {
  private static final Logger log = LoggerFactory.getLogger(OtherRun.class);

  private final Path directory;
  private final RecordTable table;
  private final TaskKeys keys;
  private final boolean mine;

  private OtherRun(Path directory, RecordTable table, TaskKeys keys, boolean mine) {
    this.directory = directory;
    this.table = table;
    this.keys = keys;
    this.mine = mine;
  }

  /**
   * Reads the runs that the execution names.
   *
   * @param own the directory of this run, which is left out
   * @param keys the keys of the tasks in this run
   * @param codes returns what a stage runs
   * @throws MusterException if one of them is no run, cannot be read, or is under way
   */
  static List<OtherRun> of(
      Plan plan, Path own, TaskKeys keys, Function<PlannedStage, RecordedCode> codes) {
    List<OtherRun> runs = new ArrayList<>();
    Path base = plan.workflow().baseDirectory().toAbsolutePath().normalize();
    for (String name :
        Objects.requireNonNullElse(plan.execution().execution().reuseFrom(), List.<String>of())) {
      Path directory = base.resolve(name).normalize();
      try {
        if (Files.exists(own) && Files.exists(directory) && Files.isSameFile(own, directory)) {
          continue;
        }
        runs.add(read(plan, directory, keys, codes));
      } catch (IOException e) {
        throw new MusterException(
            "cannot read the records of the run in " + directory + ", which reuse.from names: "
                + IoErrors.describe(e),
            e);
      }
    }
    return runs;
  }

  private static OtherRun read(
      Plan plan, Path directory, TaskKeys keys, Function<PlannedStage, RecordedCode> codes)
      throws IOException {
    Path records = directory.resolve(RunLayout.RECORDS);
    if (!Files.isDirectory(records)) {
      throw new MusterException("reuse.from names " + directory
          + ", which is no run with records of its tasks; name the directory of a run");
    }
    RunClaim.refuseAlive(directory);
    boolean mine = OwnFiles.isMine(directory) && OwnFiles.isMine(records);
    byte[] secret = mine ? RecordFolder.key(directory) : RecordFolder.newKey(); // which nothing has
    return new OtherRun(
        directory,
        RecordFolder.read(directory),
        keys.with(StagePrints.with(secret, keys.prints(), codes, plan)),
        mine);
  }

  RecordTable table() {
    return table;
  }

  TaskKeys keys() {
    return keys;
  }

  /** Tells whether this user may take a result: of another user's run no pickles, and no files from elsewhere. */
  boolean trusts(int id) {
    if (mine || !table.kept(id)) {
      return true;
    }
    try {
      byte[] value = table.result(id).value();
      OutputCopy copy = ValueDecoder.inFile(value);
      Path file = copy == null ? null : copy.file();
      if (file != null && !file.toRealPath().startsWith(directory.toRealPath())) {
        return false;
      }
      return isPlain(ValueDecoder.decode(value));
    } catch (IOException | ValueException e) {
      log.debug("a result in {} cannot be read", directory, e);
      return false;
    }
  }

  private static boolean isPlain(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .allMatch(each -> isPlain(each.getKey()) && isPlain(each.getValue()));
    }
    return value instanceof List<?> list
        ? list.stream().allMatch(OtherRun::isPlain)
        : !(value instanceof PythonValue);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
