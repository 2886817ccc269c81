package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes an installed environment into an archive, in one pass. Not thread-safe. */
final class Packer {
  /** Changes when archives of the same content change. */
  static final String FORMAT = "muster-env-1";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BUFFER = 1 << 18;

  /**
   * What was written.
   *
   * @param content the hash of what went in: names, permissions, links, contents
   * @param sha256 the hash of the archive
   * @param bytes the archive's size
   * @param unpacked the size of all files, in bytes
   * @param manifest packages, sources of editable packages, and these figures
   */
  record Result(
      String content, String sha256, long bytes, long unpacked, Map<String, Object> manifest) {}

  private final Path prefix;
  private final List<Entry> entries;
  private final Packages packages;
  private final Editables editables;
  private final List<String> paths;
  private final MessageDigest content = sha256();
  private final PrefixSearch search;
  private final List<Map<String, Object>> relocated = new ArrayList<>();
  private final byte[] buffer = new byte[BUFFER];
  private long unpacked;

  /**
   * @param entries what is in the environment
   * @throws MusterException if it has no interpreter, or a package that cannot be packed
   */
  Packer(Path prefix, List<Entry> entries) throws IOException {
    this.prefix = prefix;
    this.entries = entries;
    if (entries.stream().noneMatch(entry -> entry.name().equals("bin/python"))) {
      throw new MusterException(prefix + " is no installed environment: it has no bin/python");
    }
    packages = Packages.of(entries);
    editables = Editables.find(prefix, entries);
    Set<String> own = new LinkedHashSet<>(List.of(prefix.toString()));
    own.add(prefix.toRealPath().toString());
    paths = List.copyOf(own);
    search = new PrefixSearch(paths);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Returns a hash of what can be known of the environment without reading its files. */
  String fingerprint() {
    MessageDigest digest = sha256();
    digest.update(FORMAT.getBytes(StandardCharsets.UTF_8));
    ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES * 4);
    for (List<Entry> part : List.of(entries, editables.sources())) {
      for (Entry entry : part) {
        digest.update((entry.name() + "\0" + entry.target() + "\0" + entry.kind() + "\0")
            .getBytes(StandardCharsets.UTF_8));
        numbers
            .clear()
            .putLong(entry.mode())
            .putLong(entry.size())
            .putLong(entry.modified())
            .putLong(entry.inode());
        digest.update(numbers.array());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Writes the archive.
   *
   * @param level of compression, 1 to 9
   * @throws MusterException if a file changes meanwhile
   */
  Result pack(Path archive, int level) throws IOException {
    text(FORMAT, paths.toString());
    MessageDigest whole = sha256();
    try (OutputStream file = Files.newOutputStream(archive);
        ParallelGzip gzip = new ParallelGzip(
            new DigestOutputStream(new BufferedOutputStream(file, BUFFER), whole), level)) {
      TarWriter tar = new TarWriter(gzip);
      for (Entry entry : entries) {
        add(tar, entry, true);
      }
      add(tar, ".muster", Entry.Kind.FOLDER, null);
      if (!editables.sources().isEmpty()) {
        add(tar, Editables.FOLDER, Entry.Kind.FOLDER, null);
      }
      for (Entry entry : editables.sources()) {
        add(tar, entry, false);
      }
      add(tar, ".muster/relocate.py", Entry.Kind.FILE, WorkerScripts.relocate());
      add(tar, ".muster/relocate.json", Entry.Kind.FILE, JSON.writeValueAsBytes(table()));
      tar.finish();
      gzip.finish();
    }
    String name = HexFormat.of().formatHex(content.digest());
    String sum = HexFormat.of().formatHex(whole.digest());
    long bytes = Files.size(archive);
    return new Result(name, sum, bytes, unpacked, manifest(name, sum, bytes));
  }

  private void text(String... texts) {
    for (String text : texts) {
      content.update((text + "\0").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void add(TarWriter tar, String name, Entry.Kind kind, byte @Nullable [] bytes)
      throws IOException {
    int length = bytes == null ? 0 : bytes.length;
    text(name, kind.name(), Integer.toString(length));
    tar.begin(name, kind, kind == Entry.Kind.FOLDER ? 0755 : 0644, length, 0, null);
    if (bytes != null) {
      content.update(bytes);
      tar.write(bytes, 0, length);
    }
  }

  private void add(TarWriter tar, Entry entry, boolean relocate) throws IOException {
    text(
        entry.name(),
        entry.kind().name(),
        Integer.toOctalString(entry.mode()),
        Long.toString(entry.size()),
        String.valueOf(entry.target()));
    tar.begin(
        entry.name(),
        entry.kind(),
        entry.mode(),
        entry.size(),
        TimeUnit.NANOSECONDS.toSeconds(entry.modified()),
        entry.target());
    if (entry.kind() != Entry.Kind.FILE) {
      return;
    }
    unpacked += entry.size();
    search.reset();
    boolean elf = false;
    long left = entry.size();
    try (InputStream in = Files.newInputStream(entry.path())) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (left == entry.size()) {
          elf = read > 4 && buffer[0] == 0x7f && buffer[1] == 'E' && buffer[2] == 'L';
        }
        left -= read;
        if (left < 0) {
          break;
        }
        content.update(buffer, 0, read);
        tar.write(buffer, 0, read);
        if (relocate) {
          search.look(buffer, read);
        }
      }
    }
    if (left != 0) {
      throw new MusterException(
          entry.path()
              + " changed while it was being packed; wait until the environment is installed, then try again");
    }
    if (relocate) {
      relocation(entry, elf);
    }
  }

  /** Takes note of a file that holds the environment's path. */
  private void relocation(Entry entry, boolean elf) {
    Packages.Patched patched = packages.patched().get(entry.name());
    if (editables.files().contains(entry.name())) {
      relocated.add(Map.of("path", entry.name(), "mode", "editable"));
    } else if (!search.found()) {
      return;
    } else if (patched != null) {
      relocated.add(
          patched.binary()
              ? Map.of("path", entry.name(), "mode", "binary", "room", patched.room())
              : Map.of("path", entry.name(), "mode", "text"));
    } else if (!search.binary()) {
      relocated.add(Map.of("path", entry.name(), "mode", "words"));
    } else if (elf) {
      relocated.add(Map.of("path", entry.name(), "mode", "binary", "room", 0));
    }
  }

  private Map<String, Object> table() {
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("prefixes", paths);
    table.put("editable", editables.moved());
    table.put("files", relocated);
    return table;
  }

  private Map<String, Object> manifest(String name, String sum, long bytes) {
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("format", FORMAT);
    manifest.put("content", name);
    manifest.put("sha256", sum);
    manifest.put("bytes", bytes);
    manifest.put("unpacked_bytes", unpacked);
    manifest.put("entries", entries.size() + editables.sources().size());
    manifest.put("prefix", prefix.toString());
    manifest.put("editable", editables.moved());
    manifest.put("packages", packages.list());
    return manifest;
  }
}
