package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a self-extracting archive of pixi-pack: a shell script up to the line {@code @@END_HEADER@@}, an empty line,
 * and a tar archive as one line in base64. In the tar lie {@code pixi-pack.json}, and in {@code channel/<platform>/}
 * Conda packages of both formats with a {@code repodata.json}. Source: the documentation of pixi-pack 0.7. Not
 * thread-safe.
 */
final class PixiArchive {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String END_HEADER = "@@END_HEADER@@";
  private static final String VERSION = "1";
  private static final int LONGEST_HEADER = 1 << 20;
  private static final int LARGEST_TEXT = 256 << 20;
  private static final int BUFFER = 1 << 18;

  private final Path file;
  private final Map<String, String> hashes = new HashMap<>();
  private final List<JsonNode> indexes = new ArrayList<>();
  private @Nullable JsonNode about;

  private PixiArchive(Path file) {
    this.file = file;
  }

  /**
   * Returns the packages of an archive: name, version, build, file and SHA-256 of each.
   *
   * @throws MusterException if it is no such archive, or a package is missing or not the one that the archive says
   */
  static List<Map<String, String>> packages(Path file) throws IOException {
    PixiArchive archive = new PixiArchive(file);
    archive.read();
    return archive.list();
  }

  private MusterException wrong(String why) {
    return new MusterException("pixi-pack made no archive that can be used: " + file + " " + why
        + "; try it by hand ('pixi-pack --create-executable'), another version of pixi-pack,"
        + " or mode: prefix");
  }

  private void read() throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      skipHeader(in);
      TarReader tar = new TarReader(Base64.getDecoder().wrap(new Line(in)));
      byte[] buffer = new byte[BUFFER];
      for (String name = tar.next(); name != null; name = tar.next()) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        if (name.equals("pixi-pack.json")) {
          about = json(name, tar);
        } else if (last.equals("repodata.json") && name.startsWith("channel/")) {
          indexes.add(json(name, tar));
        } else if (last.endsWith(".conda") || last.endsWith(".tar.bz2")) {
          MessageDigest digest = Packer.sha256();
          for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
            digest.update(buffer, 0, read);
          }
          hashes.put(last, HexFormat.of().formatHex(digest.digest()));
        }
      }
    } catch (EOFException | IllegalArgumentException e) {
      throw wrong("is cut off or damaged (" + e.getMessage() + ")");
    }
  }

  private void skipHeader(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < LONGEST_HEADER; i++) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      if (next != '\n') {
        line.append((char) next);
      } else if (line.toString().equals(END_HEADER)) {
        if (in.read() != '\n') {
          throw wrong("has no empty line after " + END_HEADER);
        }
        return;
      } else {
        line.setLength(0);
      }
    }
    throw wrong("has no line " + END_HEADER);
  }

  private JsonNode json(String name, TarReader tar) throws IOException {
    if (tar.size() > LARGEST_TEXT) {
      throw wrong("has a " + name + " of " + tar.size() + " bytes");
    }
    byte[] bytes = new byte[(int) tar.size()];
    for (int at = 0; at < bytes.length; ) {
      at += Math.max(0, tar.read(bytes, at, bytes.length - at));
    }
    try {
      return JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw wrong("has a " + name + " that is no JSON: " + e.getOriginalMessage());
    }
  }

  private List<Map<String, String>> list() {
    if (about == null) {
      throw wrong("has no pixi-pack.json");
    }
    if (!about.path("version").asString("").equals(VERSION)) {
      throw wrong("has format " + about.path("version") + ", and " + VERSION + " is understood");
    }
    List<Map<String, String>> list = new ArrayList<>();
    for (JsonNode index : indexes) {
      for (String format : List.of("packages", "packages.conda")) {
        for (Map.Entry<String, JsonNode> each : index.path(format).properties()) {
          list.add(one(each.getKey(), each.getValue()));
        }
      }
    }
    if (list.isEmpty()) {
      throw wrong("has no packages in channel/*/repodata.json");
    }
    return list;
  }

  private Map<String, String> one(String name, JsonNode record) {
    String hash = hashes.get(name);
    if (hash == null) {
      throw wrong("names the package " + name + " and does not have it");
    }
    String said = record.path("sha256").asString(hash);
    if (!said.equals(hash)) {
      throw wrong("has another " + name + " than it says: SHA-256 " + hash + ", must be " + said);
    }
    Map<String, String> one = new LinkedHashMap<>();
    for (String key : List.of("name", "version", "build")) {
      one.put(key, record.path(key).asString(""));
    }
    one.put("file", name);
    one.put("sha256", hash);
    return one;
  }

  /** Ends where the line ends. */
  private static final class Line extends FilterInputStream {
    private boolean ended;

    Line(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int next = ended ? -1 : in.read();
      ended = ended || next < 0 || next == '\n';
      return ended ? -1 : next;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int read = ended ? -1 : in.read(bytes, offset, length);
      for (int i = 0; i < read; i++) {
        if (bytes[offset + i] == '\n') {
          ended = true;
          return i == 0 ? -1 : i;
        }
      }
      return read;
    }
  }
}
