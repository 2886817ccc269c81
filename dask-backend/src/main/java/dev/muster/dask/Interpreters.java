package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the Python of the bridge and the workers where nobody names one: the first of {@code python3} on the
 * {@code PATH} and {@code /usr/bin/python3} that has what the backend needs.
 *
 * <p>Where an environment's folders show that it has, nothing is started; else an interpreter is asked, once in this
 * process. Thread-safe.
 */
final class Interpreters {
  private static final Logger log = LoggerFactory.getLogger(Interpreters.class);
  private static final String NAME = "python3";
  private static final String DISTRIBUTED = "distributed";
  private static final String CRYPTOGRAPHY = "cryptography";
  private static final int OLDEST_YEAR = 2022;
  private static final int OLDEST_MONTH = 12;
  private static final String OLDEST = OLDEST_YEAR + "." + OLDEST_MONTH;
  private static final int SECONDS = 20;
  private static final int LONGEST_REASON = 200;
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
  private static final Pattern METADATA =
      Pattern.compile(DISTRIBUTED + "-([0-9][^-]*?)(-py[0-9.]+)?\\.(dist|egg)-info");
  private static final Pattern ANSWER =
      Pattern.compile("(?m)^muster: distributed ([^ \\n]+) cryptography ([^ \\n]+)$");

  /** Finds modules without importing them. */
  private static final String QUESTION = """
      from importlib.metadata import version
      from importlib.util import find_spec
      def has(name):
          if find_spec(name) is None:
              return "-"
          try:
              return version(name)
          except Exception:
              return "?"
      print("muster: distributed %s cryptography %s" % (has("distributed"), has("cryptography")))
      """;

  private static final Interpreters HERE =
      new Interpreters(System.getenv(), Path.of("/usr/bin/python3"));

  private final Map<String, String> environment;
  private final Path system;
  private final Map<Boolean, Choice> chosen = new ConcurrentHashMap<>();

  /**
   * What was chosen.
   *
   * @param command the interpreter
   * @param notice why it is not {@code python3}, for people, or null if it is
   */
  record Choice(String command, @Nullable String notice) {}

  /** What an interpreter has: versions, {@code -} for none and {@code ?} for one that cannot be told. */
  private record Software(String distributed, String cryptography) {
    @Nullable
    String problem(boolean secure) {
      if (distributed.equals("-")) {
        return "has no '" + DISTRIBUTED + "'";
      }
      Matcher version = VERSION.matcher(distributed);
      if (version.matches()) {
        int year = Integer.parseInt(version.group(1));
        int month = Integer.parseInt(version.group(2));
        if (year < OLDEST_YEAR || (year == OLDEST_YEAR && month < OLDEST_MONTH)) {
          return "has " + DISTRIBUTED + " " + distributed + ", which is older than " + OLDEST;
        }
      }
      return secure && cryptography.equals("-") ? "has no '" + CRYPTOGRAPHY + "'" : null;
    }
  }

  /**
   * Makes a chooser.
   *
   * @param environment the environment variables; {@code PATH} and {@code PYTHONHOME} count
   * @param system the interpreter that is tried last
   */
  Interpreters(Map<String, String> environment, Path system) {
    this.environment = environment;
    this.system = system;
  }

  /** Returns the chooser of this process. */
  static Interpreters here() {
    return HERE;
  }

  /**
   * Returns the interpreter to take.
   *
   * @param secure whether TLS is on, for which it needs {@code cryptography}
   * @throws MusterException if there is none; says what was tried
   */
  Choice choose(boolean secure) {
    Choice known = chosen.get(secure);
    if (known != null) {
      return known;
    }
    List<String> tried = new ArrayList<>();
    Path first = find();
    if (first == null) {
      tried.add("there is no " + NAME + " on the PATH");
    } else if (first.equals(system)) {
      return keep(secure, new Choice(NAME, null)); // the only one; it says itself what it lacks
    } else {
      String problem = problem(first, secure);
      if (problem == null) {
        return keep(secure, new Choice(NAME, null));
      }
      tried.add(NAME + " (" + first + ") " + problem);
    }
    String problem = Files.isExecutable(system) ? problem(system, secure) : "is not there";
    if (problem == null) {
      return keep(
          secure,
          new Choice(
              system.toString(),
              tried.get(0) + "; " + system
                  + " is taken instead, which has what the Dask backend needs"
                  + " (execution.config.python names another)"));
    }
    tried.add(system + " " + problem);
    throw new MusterException("the Dask backend needs a Python with '" + DISTRIBUTED + "' " + OLDEST
        + " or newer" + (secure ? " and '" + CRYPTOGRAPHY + "'" : "") + ", and found none: "
        + String.join("; ", tried) + ". Install them (Debian: apt-get install python3-distributed"
        + " python3-cryptography; elsewhere: " + NAME + " -m pip install 'distributed>=" + OLDEST
        + "' cryptography), or name an interpreter in execution.config.python");
  }

  /**
   * Returns the command of the interpreter to take, {@code python3} if there is none: for plans, which start nothing.
   */
  String command(boolean secure) {
    try {
      return choose(secure).command();
    } catch (MusterException e) {
      return NAME;
    }
  }

  private Choice keep(boolean secure, Choice choice) {
    chosen.put(secure, choice);
    return choice;
  }

  /** Returns the interpreter on the PATH, by the real name of its folder, or null. */
  private @Nullable Path find() {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      try {
        Path place = Path.of(folder.isEmpty() ? "." : folder);
        if (Files.isRegularFile(place.resolve(NAME)) && Files.isExecutable(place.resolve(NAME))) {
          return place.toRealPath().resolve(NAME);
        }
      } catch (IOException | InvalidPathException e) {
        log.trace("no folder, so nothing is in it: {}", folder, e);
      }
    }
    return null;
  }

  private @Nullable String problem(Path python, boolean secure) {
    Software seen = look(python);
    if (seen != null && seen.problem(secure) == null) {
      return null;
    }
    try {
      return ask(python).problem(secure);
    } catch (IOException e) {
      return IoErrors.describe(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MusterException("interrupted while " + python + " was asked what it has", e);
    }
  }

  /** Looks into the folders of an interpreter's environment; null where they do not tell. */
  private @Nullable Software look(Path python) {
    Path bin = python.getParent();
    if (bin == null || bin.getParent() == null || environment.containsKey("PYTHONHOME")) {
      return null;
    }
    Path library = bin.resolveSibling("lib");
    List<Path> versions = entries(library).stream()
        .filter(entry -> entry.getFileName().toString().matches("python3\\.\\d+"))
        .toList();
    if (versions.size() != 1) {
      return null;
    }
    String cryptography = "-";
    String distributed = "-";
    for (Path packages : List.of(
        versions.get(0).resolve("site-packages"), library.resolve(NAME).resolve("dist-packages"))) {
      if (Files.isRegularFile(packages.resolve(CRYPTOGRAPHY).resolve("__init__.py"))) {
        cryptography = "?";
      }
      if (distributed.equals("-")
          && Files.isRegularFile(packages.resolve(DISTRIBUTED).resolve("__init__.py"))) {
        distributed = version(packages);
      }
    }
    return new Software(distributed, cryptography);
  }

  /** Returns the version whose metadata lie beside the package; none if not exactly one does. */
  private static String version(Path packages) {
    List<String> found = entries(packages).stream()
        .map(entry -> METADATA.matcher(entry.getFileName().toString()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .toList();
    return found.size() == 1 ? found.get(0) : "-";
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (IOException e) {
      return List.of(); // it tells nothing
    }
  }

  private static Software ask(Path python) throws IOException, InterruptedException {
    Path answer = Files.createTempFile("muster-python-", ".out");
    try {
      // Not in the current folder, whose files would be modules.
      ProcessBuilder builder =
          new ProcessBuilder(python.toString(), "-c", QUESTION).directory(new File("/"));
      builder.redirectErrorStream(true).redirectOutput(answer.toFile());
      builder.redirectInput(new File("/dev/null"));
      Process process = builder.start();
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new IOException("did not say within " + SECONDS + " s what it has");
        }
      } finally {
        process.destroyForcibly();
      }
      String text = new String(Files.readAllBytes(answer), StandardCharsets.UTF_8).strip();
      Matcher told = ANSWER.matcher(text);
      if (told.find()) {
        return new Software(told.group(1), told.group(2));
      }
      String last = text.substring(text.lastIndexOf('\n') + 1);
      throw new IOException("cannot be asked what it has (exit code " + process.exitValue() + ")"
          + (last.isEmpty()
              ? ""
              : ": " + last.substring(0, Math.min(LONGEST_REASON, last.length()))));
    } finally {
      Files.delete(answer);
    }
  }
}
