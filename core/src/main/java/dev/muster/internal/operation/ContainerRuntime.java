package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec.Way;
import dev.muster.code.RuntimeSpec;
import dev.muster.code.RuntimeSpec.Piece;
import dev.muster.code.RuntimeSpec.Versions;
import dev.muster.code.RuntimeSpec.Word;
import dev.muster.internal.process.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of this machine that runs containers. {@code muster_task/container.py} fills the same slots in the same
 * way; both go by {@code container-cases.json}.
 *
 * @param spec how it wants to be called
 * @param program its absolute path
 */
record ContainerRuntime(RuntimeSpec spec, Path program) {
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
  private static final Pattern NO_FIELD = Pattern.compile("[,\"\n]");

  /** What fills a slot: two texts, the second often empty. */
  record Filling(String first, String second) {
    static List<Filling> of(String text) {
      return List.of(new Filling(text, ""));
    }
  }

  /**
   * Finds the runtime of this machine.
   *
   * @param baseDirectory where a relative path is taken from
   * @throws IllegalArgumentException if there is none
   */
  static ContainerRuntime find(Way way, Path baseDirectory) {
    for (RuntimeSpec spec : way.runtimes()) {
      Path program = Programs.find(spec.program(), null, baseDirectory);
      if (program != null) {
        return new ContainerRuntime(spec, program);
      }
    }
    throw new IllegalArgumentException(way.missing());
  }

  /** Tells whether a container is a process like any other, and not one that something else looks after. */
  boolean plain() {
    return spec.mark() != null;
  }

  /** Returns one of its other command lines. */
  List<String> call(String name, Map<String, List<Filling>> slots) {
    List<String> argv = new ArrayList<>();
    argv.add(program.toString());
    argv.addAll(fill(spec.calls().getOrDefault(name, List.of()), slots));
    return argv;
  }

  /** Fills the slots of a command line. */
  static List<String> fill(List<Word> words, Map<String, List<Filling>> slots) {
    List<String> argv = new ArrayList<>();
    List<Filling> once = Filling.of("");
    for (Word word : words) {
      for (Filling each : word.slot() == null ? once : slots.getOrDefault(word.slot(), List.of())) {
        boolean other = word.special() != null && each.first().matches(word.special());
        for (List<Piece> pieces : other ? word.others() : word.words()) {
          StringBuilder text = new StringBuilder();
          pieces.forEach(piece -> text.append(text(piece, each)));
          argv.add(text.toString());
        }
      }
    }
    return argv;
  }

  private static String text(Piece piece, Filling filling) {
    String text = piece.text()
        + switch (piece.of()) {
          case NOTHING -> "";
          case FIRST -> filling.first();
          case SECOND -> filling.second();
        };
    return piece.field() && NO_FIELD.matcher(text).find()
        ? "\"" + text.replace("\"", "\"\"") + "\""
        : text;
  }

  /**
   * Tells whether it takes values of variables as they are.
   *
   * @param version what it says to {@code version}
   */
  boolean literal(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.find()) {
      return true;
    }
    List<Integer> number =
        List.of(Integer.valueOf(matcher.group(1)), Integer.valueOf(matcher.group(2)));
    return spec.evaluates().stream().noneMatch(each -> among(number, each));
  }

  private static boolean among(List<Integer> number, Versions versions) {
    return !before(number, versions.from()) && before(number, versions.below());
  }

  private static boolean before(List<Integer> one, List<Integer> other) {
    int major = one.get(0).compareTo(other.get(0));
    return major < 0 || (major == 0 && one.get(1) < other.get(1));
  }
}
