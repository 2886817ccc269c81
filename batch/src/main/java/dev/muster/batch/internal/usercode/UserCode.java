package dev.muster.batch.internal.usercode;

import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import dev.muster.internal.file.Wheels;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.WorkerContext;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The user's code that workers need: what {@code execution.code} names, and where files are sent also the Python
 * modules beside the workflow and the files that shell commands name with {@code {base_dir}/}.
 *
 * <p>On a worker to which it is sent, {@code base} stands for the workflow's folder, and {@code code-1}, {@code code-2}
 * and so on for what comes from elsewhere. Immutable and thread-safe.
 */
public final class UserCode {
  /** How much code may travel, in bytes. */
  public static final long MOST_BYTES = 64L << 20;

  private static final int MOST_FILES = 20_000;
  private static final String BASE = "base";
  private static final String CODE = "execution.code";
  private static final String INIT = "__init__.py";
  private static final Pattern NAMED =
      Pattern.compile("(?:\\{base_dir}|\\$MUSTER_BASE_DIR|\\$\\{MUSTER_BASE_DIR})/([\\w./+-]+)");

  private final Path base;
  private final boolean sent;
  private final Map<String, Path> files = new LinkedHashMap<>();
  private final Map<String, Long> sizes = new LinkedHashMap<>();
  private final Set<Path> folders = new LinkedHashSet<>();
  private final Set<String> sentFolders = new LinkedHashSet<>();
  private final Map<String, Path> wheels = new LinkedHashMap<>();
  private final Map<String, String> origins = new LinkedHashMap<>();
  private long bytes;
  private int others;

  private UserCode(WorkerContext context) {
    this.base = context.plan().workflow().baseDirectory().toAbsolutePath().normalize();
    this.sent = context.plan().execution().execution().staging() == Staging.TRANSFER;
  }

  /**
   * Finds the code of a plan.
   *
   * @throws MusterException if what is named is not there, or is too much to be sent
   */
  public static UserCode of(WorkerContext context) {
    UserCode code = new UserCode(context);
    checkNames(context.plan());
    try {
      for (String path : context.plan().code()) {
        code.named(path);
      }
      if (code.sent) {
        code.modules(context);
        for (PlannedStage stage : context.plan().stages()) {
          if (stage.stage().op().equals("shell")) {
            code.words(stage.stage().params().values());
          }
        }
        code.check();
      }
    } catch (IOException e) {
      throw new MusterException(
          "the code for the workers cannot be read (" + CODE + "): " + IoErrors.describe(e), e);
    } catch (UncheckedIOException e) {
      throw new MusterException(
          "the code for the workers cannot be read (" + CODE + "): " + IoErrors.reason(e), e);
    }
    return code;
  }

  /**
   * Checks that what {@code execution.code} names is there.
   *
   * @throws WorkflowException if it is not; lists all that is missing
   */
  public static void checkNames(Plan plan) {
    Path base = plan.workflow().baseDirectory().toAbsolutePath().normalize();
    List<Problem> problems = new ArrayList<>();
    List<String> code =
        Objects.requireNonNullElse(plan.execution().execution().code(), List.<String>of());
    for (int i = 0; i < code.size(); i++) {
      Path path = base.resolve(code.get(i)).normalize();
      if (!Files.exists(path)) {
        problems.add(new Problem(
            null,
            CODE + "[" + i + "]",
            "there is no " + path + ", which " + CODE + " names as " + code.get(i),
            "paths are relative to the workflow's folder"));
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private void named(String text) throws IOException {
    Path path = base.resolve(text).normalize();
    if (text.endsWith(".whl") && Files.isRegularFile(path)) {
      String folder = "code-" + ++others;
      wheels.put(folder, path);
      sentFolders.add(folder);
      note(path.getFileName().toString(), Files.size(path));
      return;
    }
    boolean folder = Files.isDirectory(path);
    boolean own = path.startsWith(base);
    Path name = Objects.requireNonNullElse(path.getFileName(), path);
    String place = own ? BASE + slashed(base.relativize(path)) : "code-" + ++others + "/" + name;
    if (!own) {
      origins.put(place, path.toString());
    }
    add(place, path, text);
    boolean itself = folder && !Files.exists(path.resolve(INIT));
    boolean python = folder || name.toString().endsWith(".py");
    Path importable = itself ? path : path.getParent();
    if (python && importable != null && !importable.equals(base)) {
      folders.add(importable);
      sentFolders.add(itself ? place : place.substring(0, place.lastIndexOf('/')));
    }
  }

  private static String slashed(Path relative) {
    String text = relative.toString();
    return text.isEmpty() ? "" : "/" + text;
  }

  /** Adds the Python modules beside the workflow: files, packages, and folders that operations name. */
  private void modules(WorkerContext context) throws IOException {
    Set<String> used = used(context);
    List<Path> beside = new ArrayList<>();
    try (Stream<Path> entries = Files.list(base)) {
      entries.filter(entry -> !hidden(entry)).sorted().forEach(beside::add);
    }
    for (Path entry : beside) {
      String name = entry.getFileName().toString();
      boolean module = Files.isDirectory(entry)
          ? Files.exists(entry.resolve(INIT)) || used.contains(name)
          : name.endsWith(".py");
      if (module) {
        add(BASE + "/" + name, entry, name);
      }
    }
  }

  /** Returns the first names of the Python modules that stages name. */
  private static Set<String> used(WorkerContext context) {
    Registry registry = context.plan().workflow().registry();
    List<String> callables = new ArrayList<>(registry.operations().values());
    callables.addAll(registry.modifiers().values());
    for (PlannedStage planned : context.plan().stages()) {
      Stage stage = planned.stage();
      if (stage.params().get("callable") instanceof String callable) {
        callables.add(callable);
      }
    }
    Set<String> names = new LinkedHashSet<>();
    callables.forEach(callable -> names.add(callable.split("[.:]", 2)[0]));
    return names;
  }

  /** Adds the files that the words of a shell command name in the workflow's folder. */
  private void words(Collection<?> values) throws IOException {
    for (Object value : values) {
      if (value instanceof Collection<?> list) {
        words(list);
      } else if (value instanceof Map<?, ?> map) {
        words(map.values());
      } else if (value instanceof String text) {
        Matcher matcher = NAMED.matcher(text);
        while (matcher.find()) {
          Path path = base.resolve(matcher.group(1)).normalize();
          if (path.startsWith(base) && !path.equals(base) && Files.exists(path)) {
            add(BASE + slashed(base.relativize(path)), path, matcher.group(1));
          }
        }
      }
    }
  }

  private static boolean hidden(Path path) {
    Path name = path.getFileName();
    String text = name == null ? "" : name.toString();
    return text.startsWith(".") || text.equals("__pycache__") || text.endsWith(".pyc");
  }

  private void add(String place, Path path, String what) throws IOException {
    if (!sent) {
      return;
    }
    if (!Files.isDirectory(path)) {
      addFile(place, path, what);
      return;
    }
    try (Stream<Path> entries = Files.list(path)) {
      for (Path entry : entries.filter(each -> !hidden(each)).sorted().toList()) {
        if (Files.isDirectory(entry) && Files.isSymbolicLink(entry)) {
          throw new MusterException("the code for the workers has " + entry
              + ", a link to a folder, which is not followed; name the folder itself in " + CODE);
        }
        add(place + "/" + entry.getFileName(), entry, what);
      }
    }
  }

  private void addFile(String place, Path file, String what) throws IOException {
    if (files.putIfAbsent(place, file) == null) {
      note(what, Files.size(file));
    }
    if (files.size() > MOST_FILES) {
      throw tooMuch("more than " + MOST_FILES + " files");
    }
  }

  private void note(String what, long size) {
    sizes.merge(what, size, Long::sum);
    bytes += size;
  }

  private void check() {
    if (bytes > MOST_BYTES) {
      throw tooMuch((bytes >> 20) + " MiB, more than " + (MOST_BYTES >> 20) + " MiB");
    }
  }

  private MusterException tooMuch(String seen) {
    String largest = sizes.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(3)
        .map(each -> each.getKey() + " (" + (each.getValue() >> 10) + " KiB)")
        .reduce((one, two) -> one + ", " + two)
        .orElse("");
    return new MusterException("the code that travels with each worker (staging: transfer) has "
        + seen + "; the largest: " + largest
        + ". Name less in " + CODE
        + ", move data out of the packages beside the workflow, or bring it with the workers'"
        + " environment");
  }

  /** Tells whether there is nothing to send. */
  public boolean isEmpty() {
    return files.isEmpty() && wheels.isEmpty();
  }

  /** Returns what is sent, by the names under which the user knows it, in bytes. */
  public Map<String, Long> sizes() {
    return sizes;
  }

  /** Returns the folders for the module path of workers to which it is sent, relative to the folder of their job. */
  public List<String> sentFolders() {
    return List.copyOf(sentFolders);
  }

  /** Returns the names of the files that can be executed. */
  public List<String> executables() {
    return files.entrySet().stream()
        .filter(each -> Files.isExecutable(each.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Returns the folders for the module path of workers that see this host's. Wheels are unpacked into {@code work} by
   * {@link #unpack}.
   */
  public List<Path> folders(Path work) {
    List<Path> all = new ArrayList<>(folders);
    wheels.keySet().forEach(folder -> all.add(work.resolve(folder)));
    return all;
  }

  /**
   * Returns where the folders came from that are sent to a worker, by their names there; null for unpacked wheels,
   * which count as a whole.
   */
  public Map<String, @Nullable String> origins() {
    Map<String, @Nullable String> all = new LinkedHashMap<>(origins);
    all.put(BASE, base.toString());
    wheels.keySet().forEach(folder -> all.put(folder, null));
    return all;
  }

  /** Returns the folders of unpacked wheels, for workers that see this host's folders, as {@link #origins} does. */
  public Map<String, @Nullable String> unpacked(Path work) {
    Map<String, @Nullable String> all = new LinkedHashMap<>();
    wheels.keySet().forEach(folder -> all.put(work.resolve(folder).toString(), null));
    return all;
  }

  /** Unpacks wheels for workers that see this host's folders. */
  public void unpack(Path work) {
    wheels.forEach((folder, wheel) -> Wheels.unpack(wheel, work.resolve(folder)));
  }

  /** Writes all into an archive. */
  public void write(Path archive) {
    CodeArchive.write(archive, files, wheels);
  }
}
