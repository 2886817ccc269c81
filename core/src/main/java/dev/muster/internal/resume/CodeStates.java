package dev.muster.internal.resume;

import dev.muster.spi.CodeFiles;
import dev.muster.spi.CodeFiles.CodeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the files that Python code came from with what is there now. Each is looked at once. Not thread-safe. */
public final class CodeStates {
  /** Makes one that looks at each file once. */
  public CodeStates() {}

  private static final Logger log = LoggerFactory.getLogger(CodeStates.class);
  private static final String NOTHING = "";

  private final IdentityHashMap<CodeFiles, String> changed = new IdentityHashMap<>();
  private final Map<CodeFile, Boolean> same = new HashMap<>();

  /** Returns what has changed, in words, or null if nothing has. */
  public @Nullable String change(@Nullable CodeFiles files) {
    if (files == null || files.files().isEmpty()) {
      return "its code is not known";
    }
    String found = changed.computeIfAbsent(files, this::look);
    return found.equals(NOTHING) ? null : found;
  }

  private String look(CodeFiles files) {
    for (CodeFile each : files.files()) {
      if (!same.computeIfAbsent(each, CodeStates::isSame)) {
        return (each.state() == null ? "code may have changed while it ran: " : "code changed: ")
            + each.path();
      }
    }
    return NOTHING;
  }

  private static boolean isSame(CodeFile file) {
    try {
      if (file.kind().equals(CodeFiles.ELSEWHERE) && Files.notExists(Path.of(file.path()))) {
        return true;
      }
      return file.state() != null
          && Objects.equals(file.state(), state(file.kind(), Path.of(file.path())));
    } catch (IOException | InvalidPathException e) {
      log.debug("code cannot be compared: {}", file, e);
      return false;
    }
  }

  private static String state(String kind, Path path) throws IOException {
    switch (kind) {
      case "absent" -> {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? "there" : "absent";
      }
      case "times", CodeFiles.ELSEWHERE -> {
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
        return found.size() + " " + found.lastModifiedTime().to(TimeUnit.NANOSECONDS);
      }
      case "content" -> {
        return content(path);
      }
      default -> throw new IOException("nothing is known of code told by its " + kind);
    }
  }

  private static String content(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
