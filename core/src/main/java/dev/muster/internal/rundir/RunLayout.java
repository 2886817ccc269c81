package dev.muster.internal.rundir;

import com.google.common.hash.Hashing;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of what a run directory holds beside the folders of its stages, and the version of its form. {@code
 * docs/run-directory.md} describes it. Thread-safe.
 */
public final class RunLayout {
  /** The version that this Muster writes. It grows when a reader of the one before could be misled. */
  public static final int VERSION = 1;

  /** The file that says that a folder is a run directory, and of which version. */
  public static final String FORMAT = "format";

  /** The plan of the last controller; those of earlier ones are {@code plan.<n>.yaml}. */
  public static final String PLAN = "plan.yaml";

  /** The events of the first controller; those of later ones are {@code journal.<n>}. */
  public static final String JOURNAL = "journal";

  /** Names the process of the first controller while it has the run; those of later ones are {@code owner.<n>}. */
  public static final String OWNER = "owner";

  /** What the run says to people. */
  public static final String LOGS = "logs";

  /** What a run without a terminal writes to standard output and standard error. */
  public static final String CONSOLE = "console";

  /** The folder of what a resumed run takes from the ones before. */
  public static final String RECORDS = "records";

  private static final Set<String> NAMES = Set.of(
      FORMAT,
      PLAN,
      JOURNAL,
      OWNER,
      LOGS,
      CONSOLE,
      RECORDS,
      "report.html",
      "provenance.json",
      "debug",
      "environment");
  private static final Pattern NUMBERED =
      Pattern.compile("(?:journal|owner|plan|console)\\.[0-9]+(?:\\.yaml)?");
  private static final Pattern CONTROLLER =
      Pattern.compile("(?:journal|owner)\\.([1-9][0-9]{0,8})");
  private static final Pattern VERSION_LINE =
      Pattern.compile("muster run directory ([0-9]{1,9})\n");
  private static final String SHARED_LINE = "other files were in it before\n";
  private static final int LONGEST_LINE = 100;
  private static final int LONGEST_NAME = 100;

  // What is there when a run writes its version.
  private static final Set<String> STARTED = Set.of(JOURNAL, OWNER, CONSOLE);

  private RunLayout() {}

  /** Returns the names that a run uses in its directory, without the numbered ones. */
  public static Set<String> names() {
    return NAMES;
  }

  /** Tells whether a run uses a name in its directory; file systems may take upper and lower case for the same. */
  public static boolean isReserved(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAMES.contains(lower) || NUMBERED.matcher(lower).matches();
  }

  /** Returns a file name for any text: harmless characters stay, and a hash tells apart what the others made equal. */
  public static String fileName(String text) {
    String safe = isHarmless(text) ? text : text.replaceAll("[^A-Za-z0-9._-]", "_");
    boolean reserved = safe.startsWith(".") || isReserved(safe);
    if (safe.equals(text) && !reserved && safe.length() <= LONGEST_NAME) {
      return safe;
    }
    String hash =
        Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString().substring(0, 8);
    return safe.substring(0, Math.min(safe.length(), LONGEST_NAME - 9)).replaceFirst("^\\.", "_")
        + "-" + hash;
  }

  private static boolean isHarmless(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  /** Returns the journal of a controller, counted from 1. */
  public static Path journal(Path run, int controller) {
    return numbered(run, JOURNAL, controller);
  }

  /** Returns what a controller says that has no terminal, counted from 1. */
  public static Path console(Path run, int controller) {
    return numbered(run, CONSOLE, controller);
  }

  /** Returns the file that names the process of a controller, counted from 1. */
  public static Path owner(Path run, int controller) {
    return numbered(run, OWNER, controller);
  }

  private static Path numbered(Path run, String name, int controller) {
    return run.resolve(controller == 1 ? name : name + "." + controller);
  }

  /** Returns the number of the last controller that a run had or has, 0 if it never had one. */
  public static int lastController(Path run) throws IOException {
    int last = 0;
    for (String name : new String[] {JOURNAL, OWNER}) {
      if (Files.exists(run.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        last = 1;
      }
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(run, "{journal,owner}.*")) {
      for (Path entry : entries) {
        Matcher matcher = CONTROLLER.matcher(entry.getFileName().toString());
        if (matcher.matches()) {
          last = Math.max(last, Integer.parseInt(matcher.group(1)));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return last;
  }

  /** Says in a folder that it is a run directory of this version, and if so, that it has more than the run. */
  static void writeVersion(Path run) throws IOException {
    String version = "muster run directory " + VERSION + "\n";
    OwnFiles.write(run.resolve(FORMAT), hasOthers(run) ? version + SHARED_LINE : version);
  }

  private static boolean hasOthers(Path run) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(run)) {
      for (Path entry : entries) {
        if (!STARTED.contains(String.valueOf(entry.getFileName()))) {
          return true;
        }
      }
      return false;
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * Tells whether a run directory may have files that are not the run's: it was a folder with files in it before, or
   * nothing says that it was none.
   */
  public static boolean isShared(Path run) throws IOException {
    try {
      return !Files.readString(run.resolve(FORMAT))
          .equals("muster run directory " + VERSION + "\n");
    } catch (NoSuchFileException e) {
      return true; // an earlier Muster did not say so
    }
  }

  /**
   * Returns the version of a run directory: 0 of one that was written before versions were.
   *
   * @throws MusterException if it is none, a later version than {@link #VERSION}, or cannot be read
   */
  public static int version(Path run) {
    String line;
    try {
      line = firstLine(run.resolve(FORMAT));
    } catch (NoSuchFileException e) {
      if (isOfBefore(run)) {
        return 0;
      }
      throw new MusterException(
          run + " is not the directory of a run: it has no file '" + FORMAT + "'", e);
    } catch (IOException e) {
      throw new MusterException(
          "the run directory " + run + " cannot be read: " + IoErrors.describe(e), e);
    }
    Matcher matcher = VERSION_LINE.matcher(line);
    if (!matcher.matches()) {
      throw new MusterException(run.resolve(FORMAT) + " is not that of a run directory: it says '"
          + Visible.line(line.strip()) + "'");
    }
    int version = Integer.parseInt(matcher.group(1));
    if (version > VERSION) {
      throw new MusterException(
          "the run directory " + run + " was written by a later Muster: its form is version "
              + version + ", and this one knows those up to " + VERSION + "; use that Muster");
    }
    return version;
  }

  private static String firstLine(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(LONGEST_LINE), StandardCharsets.UTF_8);
      return text.substring(0, text.indexOf('\n') + 1);
    }
  }

  private static boolean isOfBefore(Path run) {
    return Files.isRegularFile(run.resolve(JOURNAL), LinkOption.NOFOLLOW_LINKS)
        && Files.isRegularFile(run.resolve(PLAN), LinkOption.NOFOLLOW_LINKS);
  }
}
