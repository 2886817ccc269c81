package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The program pixi-pack, which makes self-extracting archives out of {@code pixi.lock}. Thread-safe. */
final class PixiPack {
  private PixiPack() {}

  /** Returns the command on the search path, {@code pixi-pack} or {@code pixi pack}, or null. */
  static @Nullable List<String> find(@Nullable String searchPath) {
    Path own = program("pixi-pack", searchPath);
    if (own != null) {
      return List.of(own.toString());
    }
    Path pixi = program("pixi", searchPath);
    return pixi == null ? null : List.of(pixi.toString(), "pack");
  }

  private static @Nullable Path program(String name, @Nullable String searchPath) {
    for (String folder : (searchPath == null ? "" : searchPath).split(File.pathSeparator, -1)) {
      Path path = Path.of(folder.isEmpty() ? "." : folder, name);
      if (Files.isRegularFile(path) && Files.isExecutable(path)) {
        return path.toAbsolutePath();
      }
    }
    return null;
  }

  /**
   * Returns the arguments that make an archive.
   *
   * @param archive must end in {@code .sh}: pixi-pack gives what it makes this suffix, whatever it is told
   */
  static List<String> arguments(List<String> tool, PackedPixiOptions options, Path archive) {
    List<String> argv = new ArrayList<>(tool);
    argv.addAll(List.of(
        "--environment",
        options.environment(),
        "--ignore-pypi-non-wheel",
        "--create-executable",
        "--output-file",
        archive.toString(),
        options.manifest().toString()));
    return argv;
  }

  /** Returns a hash of what the archive is made of: the lock file, and which environment. */
  static String fingerprint(PackedPixiOptions options) throws IOException {
    Path lock = options.project().resolve("pixi.lock");
    if (!Files.isRegularFile(lock)) {
      throw new MusterException("there is no " + lock + ", which names the packages to pack;"
          + " run 'pixi lock', or name the project with execution.environment.manifest");
    }
    MessageDigest digest = Packer.sha256();
    digest.update(("pixi-pack\0" + options.environment() + "\0").getBytes(StandardCharsets.UTF_8));
    digest.update(Files.readAllBytes(lock));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the hash of a file, in hexadecimal. */
  static String sha256(Path file) throws IOException {
    MessageDigest digest = Packer.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Returns what is to be said of an archive.
   *
   * @throws MusterException if it is not whole
   */
  static Map<String, Object> manifest(PackedPixiOptions options, Path archive) throws IOException {
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("sha256", sha256(archive));
    manifest.put("bytes", Files.size(archive));
    manifest.put("environment", options.environment());
    manifest.put("lock", options.project().resolve("pixi.lock").toString());
    manifest.put("packages", PixiArchive.packages(archive));
    return manifest;
  }
}
