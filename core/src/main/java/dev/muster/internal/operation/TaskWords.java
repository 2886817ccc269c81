package dev.muster.internal.operation;

import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.error.Suggestions;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.CommandSize;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The values of one task as words of a command, by placeholder and as environment variables. Not thread-safe. */
final class TaskWords {
  private static final Logger log = LoggerFactory.getLogger(TaskWords.class);
  private static final String LIST = "MUSTER_FILES_LIST";
  private static final String MISSING = "MUSTER_MISSING";
  // A name takes the rest.
  private static final int MAX_WORD = CommandSize.MAX_TEXT - 255;
  // What the variables of all inputs may have in all, in bytes.
  private static final int MAX_INPUTS = 512 * 1024;

  private final OperationContext context;
  private final Path outputDirectory;
  private final FileLists lists;
  private final Map<String, Long> sizes = new LinkedHashMap<>();
  private @Nullable List<String> files;
  private @Nullable Path list;

  /**
   * Makes those of a task.
   *
   * @param lists what writes the names of its files to a file
   */
  TaskWords(OperationContext context, Path outputDirectory, FileLists lists) {
    this.context = context;
    this.outputDirectory = outputDirectory;
    this.lists = lists;
  }

  /**
   * Returns the words that take a placeholder's place.
   *
   * @throws TaskException if there is no such input, or it has no text
   */
  List<String> of(Slot placeholder) {
    List<String> words = unchecked(placeholder);
    long sum = 0;
    for (String word : words) {
      long size = CommandSize.bytes(word);
      if (size > MAX_WORD) {
        throw new TaskException(
            FailureKind.SERIALIZATION,
            placeholder.text() + " is a text of " + size
                + " bytes, too long for a command; let it pass through stdin or a file",
            null);
      }
      sum += size;
    }
    sizes.merge(placeholder.text(), sum, Long::sum);
    return words;
  }

  /**
   * Checks that the system takes a command with these arguments and variables.
   *
   * @throws TaskException if it does not; says which values are the largest
   */
  void checkSize(List<String> argv, Map<String, String> environment) {
    String excess = CommandSize.excess(argv, environment);
    if (excess.isEmpty()) {
      return;
    }
    Map.Entry<String, Long> largest = sizes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(each -> each.getValue() > MAX_WORD / 2)
        .orElse(null);
    String placeholder = largest == null
        ? ""
        : "; the placeholder " + largest.getKey() + " stands for " + largest.getValue() + " bytes";
    throw new TaskException(
        FailureKind.SERIALIZATION,
        "the command is too long to be started: " + excess + placeholder + "; "
            + (largest != null && largest.getKey().equals("{files}")
                ? "write {files_list}, a file with one name a line, in place of {files}"
                : "let large values pass through stdin or a file"),
        null);
  }

  private List<String> unchecked(Slot slot) {
    if (slot.words() != null) {
      return slot.words();
    }
    return switch (slot.kind()) {
      case "input" -> input(slot);
      case "files" -> files();
      case "files_list" -> List.of(filesList());
      default -> List.of(single(slot.kind()));
    };
  }

  private List<String> input(Slot slot) {
    Collection<String> known = context.inputNames();
    String name = Objects.requireNonNull(slot.name());
    String found = Names.longest(name, known);
    if (found == null) {
      throw new TaskException(
          FailureKind.OPERATION,
          "there is nothing for " + slot.text() + "; the stage has "
              + (known.isEmpty() ? "none" : Suggestions.listed(known)),
          null);
    }
    Object value =
        Words.inside(context.passedInput(found), name.substring(found.length()), slot.text());
    return Words.of(value, slot.text());
  }

  private List<String> files() {
    List<String> known = files;
    if (known == null) {
      known = new ArrayList<>();
      for (String file : context.files()) {
        String word = Words.file(file, context.baseDirectory());
        checkLines(word);
        known.add(word);
      }
      files = known;
    }
    return known;
  }

  private static void checkLines(String file) {
    if (file.indexOf('\n') >= 0) {
      throw new TaskException(
          FailureKind.SERIALIZATION,
          "the name of the file '" + file.replace("\n", "\\n")
              + "' has a line break, and lists of files have one name a line; rename the file",
          null);
    }
  }

  /** Returns the file with the names of the task's files, one a line; an empty one if it has none. */
  private String filesList() {
    if (files().isEmpty()) {
      return "/dev/null";
    }
    Path known = list;
    if (known == null) {
      known = lists.of(files(), outputDirectory);
      list = known;
    }
    return known.toString();
  }

  private Path write(String name, String text) {
    Path file = outputDirectory.resolve(name);
    try {
      OwnFiles.write(file, text);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write " + file, e);
    }
    return file;
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

  /**
   * Returns a text with its values in place as they are, without quotes; the items of a list are separated by line
   * breaks.
   */
  String fill(Template template) {
    StringBuilder filled = new StringBuilder();
    for (Part part : template.parts()) {
      if (part instanceof Slot slot) {
        String words = String.join("\n", unchecked(slot));
        sizes.merge(slot.text(), CommandSize.bytes(words), Long::sum);
        filled.append(words);
      } else {
        filled.append(((Literal) part).text());
      }
    }
    return filled.toString();
  }

  /**
   * Returns the environment variables that every command finds. Inputs that have no text are left out; in place of a
   * text that does not fit there is {@code @} and the path of a file that has it.
   */
  Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("MUSTER_STAGE", single("stage"));
    variables.put("MUSTER_OUTPUT_DIR", single("output_dir"));
    variables.put("MUSTER_BASE_DIR", single("base_dir"));
    variables.put("MUSTER_ATTEMPT", single("attempt"));
    variables.put("MUSTER_POOL", single("pool"));
    variables.put("MUSTER_WORKER", single("worker"));
    variables.put("MUSTER_NODES", "1");
    variables.put("MUSTER_RANKS", "1");
    if (context.dataset() != null) {
      variables.put("MUSTER_DATASET", single("dataset"));
    }
    Partition partition = context.partition();
    if (partition != null) {
      variables.put("MUSTER_PARTITION_INDEX", Integer.toString(partition.index()));
      variables.put("MUSTER_FIRST_EVENT", Long.toString(partition.firstEvent()));
      variables.put("MUSTER_EVENTS", Long.toString(partition.events()));
    }
    String lines = String.join("\n", files());
    String listed = filesList();
    variables.put("MUSTER_FILES", CommandSize.bytes(lines) <= MAX_WORD ? lines : "@" + listed);
    variables.put(LIST, listed);
    if (context.stage().tolerate() != null) {
      missing(variables);
    }
    inputs(variables);
    return variables;
  }

  /** Adds the names of the tasks whose outputs are missing, one a line. */
  private void missing(Map<String, String> variables) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : context.inputNames()) {
      context
          .missingInputs(name)
          .forEach(missing -> names.add(missing.task().replace("\n", "\\n")));
    }
    String lines = String.join("\n", names);
    variables.put(
        MISSING, CommandSize.bytes(lines) <= MAX_WORD ? lines : "@" + write(MISSING, lines));
  }

  private void inputs(Map<String, String> variables) {
    long sum = 0;
    for (String name : context.inputNames()) {
      String text = text(name);
      if (text == null) {
        continue;
      }
      String variable = "MUSTER_INPUT_" + name.replaceAll("[^A-Za-z0-9_]", "_");
      long size = CommandSize.bytes(text);
      if (size <= MAX_WORD && sum + size <= MAX_INPUTS) {
        sum += size;
        variables.put(variable, text);
      } else {
        variables.put(variable, "@" + write(variable, text));
      }
    }
  }

  private @Nullable String text(String name) {
    List<String> words;
    Object value;
    try {
      value = Words.readable(context.passedInput(name), name);
      words = Words.of(value, name);
    } catch (TaskException e) {
      log.debug("no variable for the input {}: {}", name, e.getMessage());
      return null;
    }
    if (value instanceof List<?> items) {
      items.stream()
          .filter(FileRef.class::isInstance)
          .forEach(file -> checkLines(((FileRef) file).path().toString()));
    }
    return String.join("\n", words);
  }
}
