package dev.muster.fasthep;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The Python package {@code muster_fasthep}, which travels in the jar. Immutable and thread-safe. */
final class PythonPackage {
  static final String NAME = "muster_fasthep";

  private static final String FOLDER = "python/" + NAME;
  private static final String FIRST = FOLDER + "/__init__.py";

  private final Map<String, byte[]> files;

  private PythonPackage(Map<String, byte[]> files) {
    this.files = files;
  }

  /** Reads the files of the package. */
  static PythonPackage load() {
    URL first = PythonPackage.class.getResource(FIRST);
    if (first == null) {
      throw new IllegalStateException("the jar lacks " + FIRST);
    }
    try {
      URI uri = first.toURI();
      if (!uri.getScheme().equals("jar")) {
        return new PythonPackage(read(folder(Paths.get(uri))));
      }
      String text = uri.getRawSchemeSpecificPart();
      int inside = text.indexOf("!/");
      Path jar = Path.of(URI.create(text.substring(0, inside)));
      try (FileSystem held = FileSystems.newFileSystem(jar)) {
        return new PythonPackage(read(folder(held.getPath(text.substring(inside + 1)))));
      }
    } catch (IOException | URISyntaxException e) {
      throw new MusterException("the Python files of muster-fasthep cannot be read: " + e, e);
    }
  }

  private static Path folder(Path first) throws IOException {
    Path folder = first.getParent();
    if (folder == null) {
      throw new IOException(first + " is in no folder");
    }
    return folder;
  }

  private static Map<String, byte[]> read(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".py")).toList()) {
        files.put(
            NAME + "/" + folder.relativize(file).toString().replace('\\', '/'),
            Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** Returns a hash of all files. */
  String hash() {
    MessageDigest digest = sha256();
    files.forEach((name, content) -> {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(content);
    });
    return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
  }

  /** Writes the files into a folder, which is to be on the module path of Python. What is there stays. */
  void extract(Path folder) {
    try {
      for (Map.Entry<String, byte[]> each : files.entrySet()) {
        Path file = folder.resolve(each.getKey());
        if (Files.exists(file)) {
          continue;
        }
        Path parent = file.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.write(file, each.getValue());
      }
    } catch (IOException e) {
      throw new MusterException(
          "the Python files of muster-fasthep cannot be written to " + folder + ": "
              + IoErrors.describe(e),
          e);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
