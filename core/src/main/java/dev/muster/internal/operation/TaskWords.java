package dev.muster.internal.operation;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The values of one task as words of a command, by placeholder and as environment variables. Not thread-safe. */
final class TaskWords {
  private static final Logger log = LoggerFactory.getLogger(TaskWords.class);
  // Linux allows 128 KiB for one variable, its name included.
  private static final int MAX_WORD = 128 * 1024 - 256;

  private final OperationContext context;
  private final Path outputDirectory;

  TaskWords(OperationContext context, Path outputDirectory) {
    this.context = context;
    this.outputDirectory = outputDirectory;
  }

  /**
   * Returns the words that take a placeholder's place.
   *
   * @throws TaskException if there is no such input, or it has no text
   */
  List<String> of(Placeholder placeholder) {
    List<String> words = unchecked(placeholder);
    for (String word : words) {
      if (word.length() > MAX_WORD) {
        throw new TaskException(
            FailureKind.SERIALIZATION,
            placeholder.text() + " is a text of " + word.length()
                + " characters, too long for a command; let it pass through stdin or a file",
            null);
      }
    }
    return words;
  }

  private List<String> unchecked(Placeholder placeholder) {
    String name = placeholder.name();
    return switch (placeholder.kind()) {
      case "params" -> named(placeholder, name, context.params().keySet(), context.params()::get);
      case "input" -> named(placeholder, name, context.inputNames(), context::input);
      case "files" -> files();
      default -> List.of(single(placeholder.kind()));
    };
  }

  private List<String> named(
      Placeholder placeholder,
      @Nullable String name,
      Collection<String> known,
      Function<String, @Nullable Object> values) {
    String found = name == null ? null : Names.longest(name, known);
    if (name == null || found == null) {
      throw new TaskException(
          FailureKind.OPERATION,
          "there is nothing for " + placeholder.text() + "; the stage has "
              + (known.isEmpty() ? "none" : String.join(", ", known)),
          null);
    }
    Object value = values.apply(found);
    if (name.length() > found.length()) {
      for (String step : name.substring(found.length() + 1).split("\\.", -1)) {
        if (!(value instanceof Map<?, ?> map) || !map.containsKey(step)) {
          throw new TaskException(
              FailureKind.OPERATION,
              "there is nothing for " + placeholder.text() + ": no '" + step + "' in "
                  + (value instanceof Map<?, ?> map ? map.keySet() : "a single value"),
              null);
        }
        value = map.get(step);
      }
    }
    return Words.of(value, placeholder.text());
  }

  private List<String> files() {
    Partition partition = context.partition();
    Dataset dataset = context.dataset();
    List<String> files =
        partition != null ? partition.files() : dataset != null ? dataset.files() : List.of();
    return files.stream().map(file -> Words.file(file, context.baseDirectory())).toList();
  }

  private String single(String kind) {
    Partition partition = context.partition();
    Dataset dataset = context.dataset();
    return switch (kind) {
      case "output_dir" -> outputDirectory.toString();
      case "base_dir" -> context.baseDirectory().toString();
      case "stage" -> context.stage().id();
      case "partition" -> partition == null ? "" : Integer.toString(partition.index());
      case "dataset" -> dataset == null ? "" : dataset.name();
      case "attempt" -> Integer.toString(context.attempt());
      case "pool" -> context.pool();
      case "worker" -> context.worker();
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** Returns a text with its placeholders replaced as they are, without quotes; the items of a list are separated by line breaks. */
  String fill(String text) {
    Matcher match = Placeholder.matcher(text);
    StringBuilder filled = new StringBuilder();
    while (match.find()) {
      String words = String.join("\n", unchecked(Placeholder.of(match)));
      match.appendReplacement(filled, Matcher.quoteReplacement(words));
    }
    return match.appendTail(filled).toString();
  }

  /** Returns the environment variables that every command finds. Inputs that have no text, or a very long one, are left out. */
  Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("MUSTER_STAGE", single("stage"));
    variables.put("MUSTER_OUTPUT_DIR", single("output_dir"));
    variables.put("MUSTER_BASE_DIR", single("base_dir"));
    variables.put("MUSTER_ATTEMPT", single("attempt"));
    variables.put("MUSTER_POOL", single("pool"));
    variables.put("MUSTER_WORKER", single("worker"));
    if (context.dataset() != null) {
      variables.put("MUSTER_DATASET", single("dataset"));
    }
    Partition partition = context.partition();
    if (partition != null) {
      variables.put("MUSTER_PARTITION_INDEX", Integer.toString(partition.index()));
      variables.put("MUSTER_FIRST_EVENT", Long.toString(partition.firstEvent()));
      variables.put("MUSTER_EVENTS", Long.toString(partition.events()));
    }
    put(variables, "MUSTER_FILES", String.join("\n", files()));
    for (String name : context.inputNames()) {
      try {
        put(
            variables,
            "MUSTER_INPUT_" + name.replaceAll("[^A-Za-z0-9_]", "_"),
            String.join("\n", Words.of(context.input(name), name)));
      } catch (TaskException e) {
        log.debug("no variable for the input {}: {}", name, e.getMessage());
      }
    }
    return variables;
  }

  private static void put(Map<String, String> variables, String name, String value) {
    if (value.length() <= MAX_WORD) {
      variables.put(name, value);
    }
  }
}
