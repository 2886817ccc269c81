package dev.muster.fasthep;

import dev.muster.error.MusterException;
import dev.muster.fasthep.Answer.Input;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled workflows of this user. An entry is taken only if all that its compile read is as it was; any doubt is a
 * new compile. Entries are never
 * changed: a newer one gets a folder of its own, since a run may still read the older one. Thread-safe, also between
 * processes.
 *
 * <p>{@code <folder>/<key>/made-N/out} is what a compile made, {@code .../log} what it printed, and {@code
 * <key>/current} names the newest. What workers read of it is in {@code <folder>/code-HASH}, by its content: compiles
 * that give workers the same give them the same folder, so a run that goes on sees no change.
 */
final class CompileCache {
  private static final Logger log = LoggerFactory.getLogger(CompileCache.class);
  private static final Duration KEPT = Duration.ofDays(14);
  private static final Object ONE = new Object(); // a JVM cannot lock a file twice
  private static final String CURRENT = "current";
  private static final String MADE = "made-";
  private static final String CODE = "code-";
  private static final String PRINT = "installation";

  private final Path folder;
  private final Compiler compiler;
  private final PythonPackage python;

  /**
   * @param folder where entries are
   * @param python what is extracted beside the plans
   */
  CompileCache(Path folder, Compiler compiler, PythonPackage python) {
    this.folder = folder;
    this.compiler = compiler;
    this.python = python;
  }

  /**
   * Returns the folder of this user's caches: {@code $XDG_CACHE_HOME/muster/fasthep}, or {@code
   * ~/.cache/muster/fasthep}.
   */
  static Path standard() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path root = cache != null && cache.startsWith("/")
        ? Path.of(cache)
        : Path.of(System.getProperty("user.home"), ".cache");
    return root.resolve("muster").resolve("fasthep");
  }

  /**
   * A compiled workflow.
   *
   * @param outdir the folder that the compiler wrote to
   * @param code the folder for the module path of workers: the Python package, with the plans beside it
   * @param fresh whether it was compiled just now
   */
  record Compiled(Answer answer, Path outdir, Path code, boolean fresh) {}

  /**
   * Returns a compiled workflow.
   *
   * @throws MusterException if it cannot be compiled
   */
  Compiled get(CompileRequest request) {
    try {
      Path entry = OwnFiles.root("cache of FAST-HEP workflows", folder).resolve(key(request));
      OwnFiles.folder(entry);
      synchronized (ONE) {
        try (FileChannel channel = FileChannel.open(
                entry.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          log.trace("{} is locked: {}", entry, lock);
          return get(request, entry);
        }
      }
    } catch (IOException e) {
      throw new MusterException(
          "the cache of FAST-HEP workflows in " + folder + " cannot be used: "
              + IoErrors.describe(e),
          e);
    }
  }

  private Compiled get(CompileRequest request, Path entry) throws IOException {
    String print = installation(request, entry);
    Path current = current(entry);
    if (current != null) {
      Answer answer = unchanged(current, print);
      if (answer != null) {
        return compiled(answer, current.resolve("out"), false);
      }
    }
    prune(entry, current);
    Path made = Files.createTempDirectory(entry, MADE);
    Path outdir = Files.createDirectory(made.resolve("out"));
    Answer answer = compiler.compile(request, modules(), outdir, made.resolve("log"));
    python.extract(outdir.resolve("muster"));
    if (print != null) {
      Files.writeString(made.resolve(PRINT), print);
      Path name = Files.writeString(made.resolve(CURRENT), String.valueOf(made.getFileName()));
      Files.move(
          name,
          entry.resolve(CURRENT),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
    return compiled(answer, outdir, true);
  }

  /** Returns a compile, with what workers read of it in a folder that its content names. */
  private Compiled compiled(Answer answer, Path outdir, boolean fresh) throws IOException {
    Path source = outdir.resolve("muster");
    Path told = outdir.resolve(Answer.FILE); // which has the times of what was read
    List<Path> files;
    try (Stream<Path> all = Files.walk(source)) {
      files = all.filter(Files::isRegularFile)
          .filter(each -> !each.equals(told) && !each.toString().endsWith(".pyc"))
          .sorted()
          .toList();
    }
    MessageDigest digest = PythonPackage.sha256();
    for (Path each : files) {
      digest.update(source.relativize(each).toString().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(sha256(each).getBytes(StandardCharsets.UTF_8));
    }
    String hash = HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    Path code = folder.resolve(CODE + hash);
    if (!Files.isDirectory(code)) {
      pruneCode();
      Path made = Files.createTempDirectory(folder, CODE);
      for (Path each : files) {
        Path copy = made.resolve(source.relativize(each).toString());
        Path parent = copy.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.copy(each, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
      place(made, code);
    }
    Files.setLastModifiedTime(code, FileTime.from(Instant.now())); // it is used
    return new Compiled(answer, outdir, code, fresh);
  }

  private @Nullable String installation(CompileRequest request, Path entry) throws IOException {
    String print = Installation.of(request.python()).fingerprint();
    return print != null ? print : compiler.ask(request.python(), entry.resolve("asked"));
  }

  private static @Nullable Path current(Path entry) throws IOException {
    Path name = entry.resolve(CURRENT);
    if (!Files.isRegularFile(name)) {
      return null;
    }
    String text = Files.readString(name).strip();
    return text.matches(MADE + "\\w+") ? entry.resolve(text) : null;
  }

  /** Returns the folder with the Python package that compiles; it is made once. */
  private Path modules() throws IOException {
    Path modules = folder.resolve("python-" + python.hash());
    if (!Files.isDirectory(modules)) {
      Path made = Files.createTempDirectory(folder, "python-");
      python.extract(made);
      place(made, modules);
    }
    return modules;
  }

  private static void place(Path made, Path folder) throws IOException {
    try {
      Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) { // another process was faster
      delete(made);
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  /** Returns the answer of a compile if nothing that it read has changed, else null. */
  private static @Nullable Answer unchanged(Path made, @Nullable String print) throws IOException {
    Path file = made.resolve(PRINT);
    if (print == null || !Files.isRegularFile(file) || !Files.readString(file).equals(print)) {
      log.debug("compiled again: the installation of FAST-HEP is another one");
      return null;
    }
    Answer answer;
    try {
      answer = Answer.read(made.resolve("out").resolve(Answer.FILE));
    } catch (IOException | MusterException e) {
      log.debug("compiled again: {}", e.toString());
      return null;
    }
    for (Input input : answer.inputs()) {
      String changed = changed(input);
      if (changed != null) {
        log.debug("compiled again: {} {}", input.path(), changed);
        return null;
      }
    }
    return answer;
  }

  private static @Nullable String changed(Input input) throws IOException {
    if (input.size() == Input.UNKNOWN) {
      return "cannot be compared";
    }
    Path path = Path.of(input.path());
    if (input.size() == Input.ABSENT) {
      return Files.exists(path) ? "is there now" : null;
    }
    if (!Files.exists(path)) {
      return "is not there any more";
    }
    FileTime time = Files.getLastModifiedTime(path);
    if (Files.size(path) != input.size() || time.to(TimeUnit.NANOSECONDS) != input.mtimeNanos()) {
      return "has another size or time";
    }
    return input.sha256() == null || input.sha256().equals(sha256(path))
        ? null
        : "has another content";
  }

  private static String sha256(Path file) throws IOException {
    return HexFormat.of().formatHex(PythonPackage.sha256().digest(Files.readAllBytes(file)));
  }

  private String key(CompileRequest request) throws IOException {
    MessageDigest digest = PythonPackage.sha256();
    for (String part : List.of(
        request.file().toString(),
        Boolean.toString(request.plan()),
        request.root().toString(),
        String.valueOf(request.chunkSize()),
        request.variations().toString(),
        request.python().toString(),
        Objects.requireNonNullElse(System.getenv("PYTHONPATH"), ""),
        python.hash())) {
      digest.update(part.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    digest.update(Files.readAllBytes(request.file()));
    return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
  }

  /** Deletes what was made long ago and is not the newest. What cannot be deleted stays. */
  private static void prune(Path entry, @Nullable Path current) throws IOException {
    try (Stream<Path> all = Files.list(entry)) {
      prune(all.filter(Files::isDirectory).filter(each -> !each.equals(current)).toList());
    }
  }

  /** Deletes what no run has begun with for long. */
  private void pruneCode() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      prune(all.filter(each -> String.valueOf(each.getFileName()).startsWith(CODE))
          .toList());
    }
  }

  private static void prune(List<Path> old) throws IOException {
    Instant limit = Instant.now().minus(KEPT);
    for (Path each : old) {
      if (Files.getLastModifiedTime(each).toInstant().isBefore(limit)) {
        delete(each);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : deepestFirst) {
      Files.deleteIfExists(each);
    }
  }
}
