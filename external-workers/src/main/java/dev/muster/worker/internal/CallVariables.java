package dev.muster.worker.internal;

import dev.muster.internal.process.CommandSize;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables of the documented contract for programs. */
final class CallVariables {
  /** Names the folder that relative paths are taken from. */
  static final String DIRECTORY = "TKR_DIR";

  private CallVariables() {}

  /** Returns the variables of a call; paths are absolute. */
  static Map<String, String> of(CallPlace place, boolean values) throws IOException {
    Map<String, String> variables = new HashMap<>();
    variables.put("checkpoints_directory", place.base().toString());
    variables.put("function_name", place.call().functionName());
    variables.put("worker_call_args_file", place.definition().toString());
    variables.put("done_path", place.done().toString());
    variables.put("error_path", place.at(place.call().errorPath()).toString());
    variables.put("output_dir", place.at(place.call().outputDir()).toString());
    String logs = place.call().logsPath();
    if (logs != null) {
      variables.put("logs_path", place.at(logs).toString());
    }
    for (Map.Entry<String, String> input : place.call().inputs().entrySet()) {
      String name = named("input", input.getKey());
      variables.put(name + "_file", place.at(input.getValue()).toString());
      if (values) {
        variables.put(name + "_value", value(input.getKey(), place.at(input.getValue())));
      }
    }
    place
        .call()
        .outputs()
        .forEach((port, path) ->
            variables.put(named("output", port) + "_file", place.at(path).toString()));
    return variables;
  }

  private static String named(String what, String port) {
    if (port.indexOf('=') >= 0 || port.indexOf('\0') >= 0) {
      throw new TaskException(
          FailureKind.OPERATION,
          "the port '" + port + "' cannot be part of a variable's name",
          null);
    }
    return what + "_" + port;
  }

  private static String value(String port, Path file) throws IOException {
    if (Files.size(file) <= CommandSize.MAX_TEXT) {
      try {
        String text = StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
            .toString();
        if (text.indexOf('\0') < 0) {
          return text;
        }
      } catch (CharacterCodingException e) {
        throw unfit(port, "is no text", e);
      }
    }
    throw unfit(port, "is too large or has a NUL character", null);
  }

  private static TaskException unfit(String port, String why, @Nullable Exception cause) {
    return new TaskException(
        FailureKind.SERIALIZATION,
        "the input '" + port + "' " + why + ", and cannot be a variable; leave export_values out"
            + " and let the worker read the file input_" + port + "_file",
        cause);
  }
}
