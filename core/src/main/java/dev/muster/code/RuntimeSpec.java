package dev.muster.code;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one container runtime is called, with slots for what only the machine knows that runs a task. Immutable and
 * thread-safe.
 *
 * <p>Slots and the pairs of texts that fill them: {@code program} (its path), {@code name} (the container's), {@code
 * cwd}, {@code ids} (the numbers of user and group), {@code folders} (each to be mounted at the same place), {@code
 * variables} (name and value), {@code image} (the {@link Use#words} and what the runtime calls the image), {@code
 * command} (each word). Where nothing is said of the second text, it is empty.
 *
 * @param kind which runtime it is: {@code apptainer}, {@code singularity}, {@code podman} or {@code docker}
 * @param program its name on {@code PATH}, or its path, taken from the workflow's folder
 * @param argv the command line that runs a command in a container
 * @param calls other command lines, without the program: {@code version}; and, where images and containers are kept by
 * the runtime, {@code present}, {@code pull}, {@code load}, {@code id} and {@code remove}
 * @param uses how an image is used that is {@code named}, a {@code file} or a {@code folder}
 * @param prefix what comes before the names of the container's variables in the runtime's own environment
 * @param own a regular expression: variables of these names would change the runtime and are not in its environment
 * @param also more variables of the runtime's own environment
 * @param mark the variable of that environment which marks the processes in the container; null where these are not the
 * runtime's children
 * @param evaluates versions that let a shell read the values of variables
 * @param refusals how it ends when it has not started the command
 * @since 0.1
 */
public record RuntimeSpec(
    String kind,
    String program,
    List<Word> argv,
    Map<String, List<Word>> calls,
    Map<String, Use> uses,
    String prefix,
    String own,
    Map<String, String> also,
    @Nullable String mark,
    List<Versions> evaluates,
    List<Refusal> refusals) {
  public RuntimeSpec {
    argv = List.copyOf(argv);
    calls = Map.copyOf(calls);
    uses = Map.copyOf(uses);
    also = Map.copyOf(also);
    evaluates = List.copyOf(evaluates);
    refusals = List.copyOf(refusals);
  }

  /**
   * Some words of a command line: the same ones, or for each pair of texts in a slot.
   *
   * @param slot the slot, or null for words that are always the same
   * @param special a regular expression for first texts with {@code others}; null if there are none
   * @param words the words, each of pieces
   * @param others the words for first texts that {@code special} matches as a whole
   */
  public record Word(
      @Nullable String slot,
      @Nullable String special,
      List<List<Piece>> words,
      List<List<Piece>> others) {
    public Word {
      words = List.copyOf(words);
      others = List.copyOf(others);
    }

    private Object json() {
      if (slot == null) {
        return words.get(0).get(0).text();
      }
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("slot", slot);
      json.put("special", special);
      json.put("words", json(words));
      json.put("others", json(others));
      return json;
    }

    private static List<List<Map<String, Object>>> json(List<List<Piece>> words) {
      return words.stream().map(word -> word.stream().map(Piece::json).toList()).toList();
    }
  }

  /** What follows the text of a piece. */
  public enum Of {
    /** Nothing. */
    NOTHING,
    /** The first text of a pair. */
    FIRST,
    /** The second one. */
    SECOND
  }

  /**
   * A piece of a word.
   *
   * @param text its text
   * @param of what follows it
   * @param field whether it is a field of a line of CSV, to be quoted where need be
   */
  public record Piece(String text, Of of, boolean field) {
    private Map<String, Object> json() {
      return Map.of("text", text, "of", of.name(), "field", field);
    }
  }

  /** How an image comes to this machine. */
  public enum Fetch {
    /** By the runtime itself, when it runs the command; or it is there. */
    NONE,
    /** From a registry, before. */
    PULL,
    /** From a file, before; it is called by the id that it gets. */
    LOAD
  }

  /**
   * How an image is used.
   *
   * @param prefix what comes before its name or path
   * @param words what comes before it on the command line
   * @param fetch how it comes to this machine
   * @param refused why the runtime cannot run it, or null
   */
  public record Use(
      String prefix,
      List<String> words,
      Fetch fetch,
      @Nullable String refused) {
    public Use {
      words = List.copyOf(words);
    }

    private Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("prefix", prefix);
      json.put("words", words);
      json.put("fetch", fetch.name());
      json.put("refused", refused);
      return json;
    }
  }

  /**
   * Versions, by their first two numbers.
   *
   * @param from the first of them
   * @param below the first that is none of them
   */
  public record Versions(List<Integer> from, List<Integer> below) {
    public Versions {
      from = List.copyOf(from);
      below = List.copyOf(below);
    }
  }

  /**
   * An end of the runtime that means that it has not started the command.
   *
   * @param code its exit code
   * @param said a regular expression that is found in what it has printed
   * @param unless a regular expression that is not, or null
   */
  public record Refusal(int code, String said, @Nullable String unless) {
    private Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("code", code);
      json.put("said", said);
      json.put("unless", unless);
      return json;
    }
  }

  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", kind);
    json.put("program", program);
    json.put("argv", argv.stream().map(Word::json).toList());
    Map<String, Object> others = new LinkedHashMap<>();
    calls.forEach(
        (name, words) -> others.put(name, words.stream().map(Word::json).toList()));
    json.put("calls", others);
    Map<String, Object> images = new LinkedHashMap<>();
    uses.forEach((how, use) -> images.put(how, use.json()));
    json.put("uses", images);
    json.put("prefix", prefix);
    json.put("own", own);
    json.put("also", also);
    json.put("mark", mark);
    List<Object> versions = new ArrayList<>();
    evaluates.forEach(each -> versions.add(List.of(each.from(), each.below())));
    json.put("evaluates", versions);
    json.put("refusals", refusals.stream().map(Refusal::json).toList());
    return json;
  }
}
