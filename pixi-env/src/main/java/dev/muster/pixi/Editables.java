package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Python packages that are installed as links to a folder with their source ({@code pip install -e}). The source
 * becomes part of the archive. Not thread-safe.
 */
final class Editables {
  /** The folder in the archive that holds the sources. */
  static final String FOLDER = ".muster/editable";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SITE = "lib/[^/]+/(?:site|dist)-packages/";
  private static final Pattern PATH_FILE = Pattern.compile(SITE + "[^/]+\\.(?:pth|egg-link)");
  private static final Pattern FINDER = Pattern.compile(SITE + "__editable__[^/]*_finder\\.py");
  private static final Pattern DIRECT_URL =
      Pattern.compile(SITE + "([^/]+)\\.dist-info/direct_url\\.json");
  private static final Pattern MAPPED = Pattern.compile("['\"](/[^'\"\\\\]+)['\"]");
  private static final long MOST_BYTES = 256L << 20;
  private static final int MOST_FILES = 50_000;

  private final Path prefix;
  private final Path real;
  private final Map<String, String> moved = new LinkedHashMap<>();
  private final Set<String> files = new LinkedHashSet<>();
  private final List<Entry> sources = new ArrayList<>();
  private final Map<Path, String> roots = new LinkedHashMap<>();

  private Editables(Path prefix, Path real) {
    this.prefix = prefix;
    this.real = real;
  }

  /**
   * Finds the editable packages of an environment.
   *
   * @throws MusterException if one cannot become part of an archive
   */
  static Editables find(Path prefix, List<Entry> entries) throws IOException {
    Editables found = new Editables(prefix, prefix.toRealPath());
    for (Entry entry : entries) {
      if (entry.kind() == Entry.Kind.FILE) {
        if (PATH_FILE.matcher(entry.name()).matches()) {
          found.pathFile(entry);
        } else if (FINDER.matcher(entry.name()).matches()) {
          found.finder(entry);
        }
      }
    }
    for (Entry entry : entries) {
      Matcher direct = DIRECT_URL.matcher(entry.name());
      if (entry.kind() == Entry.Kind.FILE && direct.matches()) {
        found.check(direct.group(1), entry);
      }
    }
    return found;
  }

  /** Returns what is written in the files, to where it is in the archive. */
  Map<String, String> moved() {
    return moved;
  }

  /** Returns the files that name the sources. */
  Set<String> files() {
    return files;
  }

  /** Returns the sources as they go into the archive. */
  List<Entry> sources() {
    return sources;
  }

  private void pathFile(Entry entry) throws IOException {
    for (String line :
        Files.readString(entry.path(), StandardCharsets.ISO_8859_1).lines().toList()) {
      String text = line.strip();
      if (!text.isEmpty() && !text.startsWith("#") && !text.startsWith("import ")) {
        source(text, entry);
      }
    }
  }

  private void finder(Entry entry) throws IOException {
    String text = Files.readString(entry.path(), StandardCharsets.UTF_8);
    Matcher mapped = MAPPED.matcher(text);
    while (mapped.find()) {
      source(mapped.group(1), entry);
    }
  }

  private void source(String text, Entry entry) throws IOException {
    Path path;
    try {
      path = entry.path().resolveSibling(text).normalize();
    } catch (InvalidPathException e) {
      return; // no path, which Python ignores too
    }
    if (!Files.exists(path) || path.startsWith(prefix) || path.toRealPath().startsWith(real)) {
      return;
    }
    files.add(entry.name());
    Path root = path.toRealPath();
    String name = roots.get(root);
    if (name == null) {
      name = FOLDER + "/" + roots.size();
      add(root, name);
      if (Files.isRegularFile(root)) {
        name += "/" + root.getFileName();
      }
      roots.put(root, name);
    }
    moved.put(text, name);
  }

  private void add(Path root, String name) throws IOException {
    sources.add(new Entry(name, root, Entry.Kind.FOLDER, 0755, 0, 0, 0, null));
    if (Files.isRegularFile(root)) {
      Path folder = Objects.requireNonNull(root.getParent(), "the folder of a file");
      sources.addAll(Tree.list(folder, name, path -> !path.equals(root)));
      return;
    }
    List<Entry> found = Tree.list(root, name, Editables::left);
    long bytes = found.stream().mapToLong(Entry::size).sum();
    if (bytes > MOST_BYTES || found.size() > MOST_FILES) {
      throw new MusterException(
          "the environment " + prefix + " has a package that is installed as a"
              + " link to its source (pip install -e), and that source is large: " + root + " has "
              + found.size() + " files, " + (bytes >> 20)
              + " MiB. Install the package without -e, or keep data and environments out of that folder");
    }
    sources.addAll(found);
  }

  /** Tells what of a source is left out: hidden files, caches, other environments. */
  private static boolean left(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(".")
        || name.equals("__pycache__")
        || name.equals("node_modules")
        || Files.exists(path.resolve("conda-meta"))
        || Files.exists(path.resolve("pyvenv.cfg"));
  }

  /** Makes sure that the source of an editable package was found. */
  private void check(String distribution, Entry entry) throws IOException {
    JsonNode record;
    try {
      record = JSON.readTree(Files.readAllBytes(entry.path()));
    } catch (JacksonException e) {
      throw new MusterException(entry.path() + " is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!record.path("dir_info").path("editable").asBoolean(false)) {
      return;
    }
    Path project;
    try {
      project = Path.of(URI.create(record.path("url").asString(""))).normalize();
    } catch (IllegalArgumentException e) {
      throw new MusterException(entry.path() + " names no folder: " + record.path("url"), e);
    }
    Path folder = Files.exists(project) ? project.toRealPath() : project;
    if (roots.keySet().stream().noneMatch(root -> root.startsWith(folder))) {
      throw new MusterException("the environment " + prefix + " has the package " + distribution
          + " installed as a link to its source in " + project
          + " (pip install -e) in a way that cannot be packed; install it without -e");
    }
  }
}
