package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Lists what is in a folder, in a fixed order, and refuses what cannot be packed. Not thread-safe. */
final class Tree {
  private static final int TYPE = 0170000;
  private static final int FILE = 0100000;
  private static final int FOLDER = 0040000;
  private static final int LINK = 0120000;
  private static final int MOST_SHOWN = 5;

  private final Path root;
  private final Path real;
  private final Predicate<Path> skip;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();

  private Tree(Path root, Path real, Predicate<Path> skip) {
    this.root = root;
    this.real = real;
    this.skip = skip;
  }

  /**
   * Returns what is in a folder, sorted by name.
   *
   * @param root the folder
   * @param under the name in the archive that stands for the folder; empty for the archive itself
   * @param skip what is left out
   * @throws MusterException if something is neither file, folder nor link, or a link leads out of the folder; tells the
   *     first few
   */
  static List<Entry> list(Path root, String under, Predicate<Path> skip) throws IOException {
    Tree tree = new Tree(root, root.toRealPath(), skip);
    tree.walk(root, under.isEmpty() ? "" : under + "/");
    if (!tree.refused.isEmpty()) {
      int more = tree.refused.size() - MOST_SHOWN;
      throw new MusterException(root + " cannot be packed: "
          + String.join("; ", tree.refused.subList(0, Math.min(MOST_SHOWN, tree.refused.size())))
          + (more > 0 ? "; and " + more + " more" : "")
          + ". Workers have only what is in the folder. If they see this host's files, use"
          + " environment {type: shared, prefix: ...}; a virtual environment borrows its interpreter"
          + " and cannot be packed, a Pixi or Conda environment can");
    }
    tree.entries.sort(Comparator.comparing(Entry::name));
    return tree.entries;
  }

  private void walk(Path folder, String prefix) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (!skip.test(child)) {
          add(child, prefix + child.getFileName());
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void add(Path path, String name) throws IOException {
    if (name.indexOf('\uFFFD') >= 0) {
      throw new MusterException("the name of " + path
          + " cannot be read in this locale; set LC_ALL=C.UTF-8, or remove the file");
    }
    Map<String, Object> attributes = Files.readAttributes(
        path, "unix:mode,size,lastModifiedTime,ino", LinkOption.NOFOLLOW_LINKS);
    int mode = (int) number(attributes, "mode");
    long modified = attributes.get("lastModifiedTime") instanceof FileTime time
        ? time.to(TimeUnit.NANOSECONDS)
        : 0;
    long inode = number(attributes, "ino");
    int rights = mode & 0777;
    switch (mode & TYPE) {
      case FILE ->
        entries.add(new Entry(
            name,
            path,
            Entry.Kind.FILE,
            rights | 0400,
            number(attributes, "size"),
            modified,
            inode,
            null));
      case FOLDER -> {
        entries.add(
            new Entry(name, path, Entry.Kind.FOLDER, rights | 0700, 0, modified, inode, null));
        walk(path, name + "/");
      }
      case LINK -> {
        String target = target(path);
        if (target == null) {
          refused.add(name + " is a link to " + Files.readSymbolicLink(path) + ", outside of it");
        } else {
          entries.add(new Entry(name, path, Entry.Kind.LINK, 0777, 0, modified, inode, target));
        }
      }
      default -> refused.add(name + " is neither file, folder nor link");
    }
  }

  private static long number(Map<String, Object> attributes, String key) {
    return attributes.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /** Returns where a link leads, relative to its folder, or null if that is outside. */
  private @Nullable String target(Path link) throws IOException {
    Path target = Files.readSymbolicLink(link);
    Path folder =
        Objects.requireNonNull(link.getParent(), "the folder of a link").toRealPath();
    if (target.isAbsolute()) {
      Path inside = target.startsWith(root) ? real.resolve(root.relativize(target)) : target;
      target = folder.relativize(inside);
    }
    Path end = folder.resolve(target);
    Path there = Files.exists(end) ? end.toRealPath() : end.normalize();
    return there.startsWith(real) && end.normalize().startsWith(real) ? target.toString() : null;
  }
}
