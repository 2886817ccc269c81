package dev.muster.fasthep;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is to be compiled.
 *
 * @param file the workflow, or a compiled plan; absolute
 * @param plan whether it is a plan
 * @param root the folder from which FAST-HEP takes relative paths; absolute
 * @param chunkSize the events in a partition, or null
 * @param variations those to load; empty for all
 * @param python the interpreter
 */
record CompileRequest(
    Path file,
    boolean plan,
    Path root,
    @Nullable Integer chunkSize,
    List<String> variations,
    Path python) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  CompileRequest {
    variations = List.copyOf(variations);
  }

  /** Returns the request as the compiler reads it. */
  byte[] toJson(Path outdir) {
    Map<String, @Nullable Object> request = new LinkedHashMap<>();
    request.put("workflow", plan ? null : file.toString());
    request.put("plan", plan ? file.toString() : null);
    request.put("root", root.toString());
    request.put("outdir", outdir.toString());
    request.put("chunk_size", chunkSize);
    request.put("variations", variations.isEmpty() ? null : variations);
    return JSON.writeValueAsBytes(request);
  }
}
