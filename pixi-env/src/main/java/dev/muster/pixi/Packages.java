package dev.muster.pixi;

import dev.muster.error.MusterException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an environment says of its packages: Conda's records in {@code conda-meta}, and those of Python packages in
 * {@code *.dist-info}.
 *
 * @param list name, version and where they come from, in the order of their files
 * @param patched files of Conda packages that hold the environment's path, by their names
 */
record Packages(List<Map<String, String>> list, Map<String, Patched> patched) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern RECORD = Pattern.compile("conda-meta/[^/]+\\.json");
  private static final Pattern METADATA =
      Pattern.compile("lib/[^/]+/(site|dist)-packages/[^/]+\\.dist-info/METADATA");
  private static final int MOST_HEADERS = 60;

  /**
   * How a file holds the environment's path.
   *
   * @param binary whether in text that ends with a zero byte and has room up to {@code room}
   * @param room the length of the longest path for which there is room, in bytes
   */
  record Patched(boolean binary, int room) {}

  /**
   * Reads the records of an environment.
   *
   * @throws MusterException if one cannot be understood
   */
  static Packages of(List<Entry> entries) throws IOException {
    Packages packages = new Packages(new ArrayList<>(), new LinkedHashMap<>());
    for (Entry entry : entries) {
      if (entry.kind() != Entry.Kind.FILE) {
        continue;
      }
      if (RECORD.matcher(entry.name()).matches()) {
        packages.conda(entry.path());
      } else if (METADATA.matcher(entry.name()).matches()) {
        packages.python(entry.path());
      }
    }
    return packages;
  }

  private void conda(Path file) throws IOException {
    JsonNode record;
    try {
      record = JSON.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new MusterException(
          file + " is no record of a Conda package: " + e.getOriginalMessage()
              + "; repair the environment, for example with: pixi reinstall",
          e);
    }
    if (!record.isObject() || !record.has("name")) {
      return; // something else that tools keep there
    }
    Map<String, String> one = new LinkedHashMap<>();
    for (String key : List.of("name", "version", "build", "url", "sha256", "md5")) {
      if (record.path(key).isString()) {
        one.put(key, record.path(key).stringValue());
      }
    }
    list.add(one);
    for (JsonNode path : record.path("paths_data").path("paths")) {
      JsonNode placeholder = path.path("prefix_placeholder");
      JsonNode name = path.path("_path");
      if (placeholder.isString() && name.isString()) {
        int room = placeholder.stringValue().getBytes(StandardCharsets.UTF_8).length;
        boolean binary = "binary".equals(path.path("file_mode").asString("text"));
        patched.put(name.stringValue(), new Patched(binary, room));
      }
    }
  }

  private void python(Path file) throws IOException {
    Map<String, String> one = new LinkedHashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      for (int i = 0; i < MOST_HEADERS && one.size() < 2; i++) {
        String line = lines.readLine();
        if (line == null || line.isBlank()) {
          break;
        }
        if (line.startsWith("Name: ")) {
          one.put("name", line.substring(6).strip());
        } else if (line.startsWith("Version: ")) {
          one.put("version", line.substring(9).strip());
        }
      }
    }
    if (one.containsKey("name")) {
      one.put("from", "dist-info");
      list.add(one);
    }
  }
}
