package dev.muster.pixi;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder with archives. Beside each lies a manifest, {@code <archive>.json}; an index remembers which state of an
 * environment became which archive. Thread-safe.
 */
final class Store {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final @Nullable String fixed;

  /**
   * @param fixed the name of the one archive, or null where each has the name of its content
   */
  Store(Path folder, @Nullable String fixed) {
    this.folder = folder;
    this.fixed = fixed;
  }

  Path folder() {
    return folder;
  }

  /** Returns the name of an archive's file. */
  String file(String name, String suffix) {
    return fixed != null ? fixed : name + suffix;
  }

  private Path index(String key) {
    String hash =
        HexFormat.of().formatHex(Packer.sha256().digest(key.getBytes(StandardCharsets.UTF_8)));
    return folder.resolve((fixed == null ? "" : fixed + ".") + "index-" + hash.substring(0, 16));
  }

  /**
   * Returns the archive that was made of a state of an environment, or null if it is not there.
   *
   * @param key what the environment is
   * @param fingerprint its state
   */
  @Nullable
  Packed find(String key, String fingerprint) throws IOException {
    if (Files.isDirectory(folder)) {
      make();
    }
    JsonNode index = read(index(key));
    if (index == null || !fingerprint.equals(index.path("fingerprint").asString(""))) {
      return null;
    }
    return packed(folder.resolve(
        file(index.path("name").asString(""), index.path("suffix").asString(""))));
  }

  /** Returns an archive that is there, with its manifest, or null. */
  private @Nullable Packed packed(Path archive) throws IOException {
    JsonNode manifest = read(manifest(archive));
    if (manifest == null || !Files.isRegularFile(archive)) {
      return null;
    }
    long bytes = manifest.path("bytes").asLong(-1);
    String kind = manifest.path("kind").asString("");
    String name = manifest.path("name").asString("");
    if (Files.size(archive) != bytes || name.isEmpty()) {
      return null;
    }
    return new Packed(kind, archive, manifest.path("sha256").asString(""), bytes, name);
  }

  private static @Nullable JsonNode read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      return null; // cut off when a disk was full: as if it were not there
    }
  }

  static Path manifest(Path archive) {
    return archive.resolveSibling(archive.getFileName() + ".json");
  }

  private void make() throws IOException {
    if (fixed == null) {
      OwnFiles.root("cache of environments", folder); // jobs run what is in it
    } else {
      Files.createDirectories(folder);
    }
  }

  /** Returns a new file, in which an archive can be made, with this suffix. */
  Path temporary(String suffix) throws IOException {
    make();
    return Files.createTempFile(folder, ".packing-", suffix);
  }

  /**
   * Takes an archive that was made in a temporary file. One of the same content that is there stays.
   *
   * @param manifest with {@code sha256} and {@code bytes}
   */
  Packed add(
      String key,
      String fingerprint,
      String kind,
      String name,
      String suffix,
      Path made,
      Map<String, Object> manifest)
      throws IOException {
    Path archive = folder.resolve(file(name, suffix));
    Packed there = packed(archive);
    if (there == null || !there.name().equals(name)) {
      Map<String, Object> full = new LinkedHashMap<>();
      full.put("kind", kind);
      full.put("name", name);
      full.putAll(manifest);
      Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
      write(manifest(archive), JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(full));
    } else {
      Files.delete(made);
    }
    write(
        index(key),
        JSON.writeValueAsBytes(Map.of("fingerprint", fingerprint, "name", name, "suffix", suffix)));
    there = packed(archive);
    if (there == null) {
      throw new MusterException(
          "the archive " + archive + " was changed by somebody else; start again");
    }
    return there;
  }

  /** Returns a file of the store with these bytes, written if it is not there. */
  Path script(String stem, byte[] text) throws IOException {
    String hash = HexFormat.of().formatHex(Packer.sha256().digest(text)).substring(0, 8);
    Path script = folder.resolve(stem + "-" + hash + ".sh");
    if (!Files.isRegularFile(script) || Files.size(script) != text.length) {
      make();
      write(script, text);
    }
    return script;
  }

  /** Tells whether an archive was tried out in this way. */
  boolean checked(Packed packed, String how) throws IOException {
    Path mark = mark(packed);
    return Files.isRegularFile(mark)
        && Files.readString(mark).equals(packed.sha256() + "\n" + how + "\n");
  }

  void setChecked(Packed packed, String how) throws IOException {
    write(mark(packed), (packed.sha256() + "\n" + how + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static Path mark(Packed packed) {
    return packed.archive().resolveSibling(packed.archive().getFileName() + ".checked");
  }

  private void write(Path file, byte[] bytes) throws IOException {
    Path made = temporary(".tmp");
    Files.write(made, bytes);
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
