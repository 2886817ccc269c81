package dev.muster.cli.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes texts: characters, tokens, lines, numbers, Unicode and the structure of YAML. Deterministic for a source of
 * chance. Thread-safe.
 */
final class Mutator {
  private static final int LONGEST = 200_000;
  private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}_]+|\\s+|.", Pattern.DOTALL);
  private static final Pattern VALUE = Pattern.compile("[\\p{L}\\p{N}_$\"'./~-]+(?=[\\n,}\\]:])");
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");
  private static final List<String> NUMBERS = List.of(
      "0",
      "-1",
      "1",
      "07",
      "0x10",
      "0o17",
      "1_000",
      "2147483647",
      "2147483648",
      "9223372036854775807",
      "9223372036854775808",
      "99999999999999999999999999",
      "1e400",
      "-1e-400",
      ".inf",
      "-.inf",
      ".nan",
      "1e9",
      "3:00",
      "01:02:03",
      "1.5",
      "1000000",
      "4GB",
      "1e3GB",
      "99999999999h",
      "-5m",
      "0s",
      "12:99:00",
      "\"7\"",
      "1..4",
      "0.0");
  private static final List<String> ODD = List.of(
      "\0",
      "\u0007",
      "\u001b[2J",
      "\u0085",
      "\u200b",
      "\u2028",
      "\u202e",
      "\ufeff",
      "\ufffe",
      "\uffff",
      "\ud800",
      "\udc00",
      "\ud83d\ude00",
      "\u00e9",
      "e\u0301",
      "\u0130",
      "\u00df",
      "\u0661",
      "\r",
      "\r\n",
      "\t",
      "\u00a0",
      "\u2800",
      "\u0000\u0000");
  private static final List<String> WORDS = List.of(
      "null",
      "~",
      "true",
      "no",
      "<<",
      "*a",
      "&a ",
      "!!str ",
      "!!binary ",
      "!own ",
      "? ",
      "- ",
      ": ",
      ", ",
      "[",
      "]",
      "{",
      "}",
      "|",
      ">-",
      "\"",
      "'",
      "#",
      "%YAML 1.1",
      "---\n",
      "...\n",
      "@",
      "`",
      "''",
      "\"\"",
      "{}",
      "[]",
      "[[]]",
      "{a: {b: c}}",
      "../..",
      "/dev/zero",
      "/dev/stdin",
      "/etc",
      "~/x",
      "x.env",
      "*.yaml",
      "[a-",
      "\\",
      "$HOME",
      "${params.n}",
      "{params.x}",
      "{files}",
      "$(echo {params.a})",
      "`{input.b}`",
      "local",
      "dask",
      "slurm",
      "htcondor",
      "shell",
      "python",
      "java:java.lang.String",
      "java:dev.muster.Muster",
      "m:f",
      "python: m:f",
      "packed-pixi",
      "shared",
      "current",
      "x509",
      "default",
      "LocalExecutor",
      "DaskExecutor",
      "global",
      "dataset",
      "partition",
      "transfer",
      "id",
      "op",
      "params",
      "needs",
      "from",
      "execution",
      "analysis",
      "stages",
      "pools",
      "profiles",
      "config",
      "environment",
      "variables",
      "image",
      "docker://a",
      "a.sif",
      "walltime",
      "capture",
      "json",
      "command",
      "retry",
      "escalate",
      "on",
      "137",
      "OUT_OF_MEMORY",
      "modifiers",
      "diagnostics",
      "x-own",
      "executors",
      "assignments",
      "registry",
      "impl",
      "datasets",
      "files");

  private final List<String> corpus;

  /**
   * @param corpus texts whose parts may get into others
   */
  Mutator(List<String> corpus) {
    this.corpus = List.copyOf(corpus);
  }

  /** Returns the text after one to eight changes. */
  String mutate(String text, SplittableRandom random) {
    String changed = text;
    int changes = 1 + (random.nextInt(3) == 0 ? random.nextInt(8) : random.nextInt(2));
    for (int i = 0; i < changes; i++) {
      changed = switch (random.nextInt(12)) {
        case 0 -> characters(changed, random);
        case 1, 2 -> token(changed, random);
        case 3 -> line(changed, random);
        case 4 -> number(changed, random);
        case 5 -> insert(changed, pick(ODD, random), random);
        case 6, 7, 8, 9, 10 -> value(changed, random);
        default -> structure(changed, random);
      };
      if (changed.length() > LONGEST) {
        return changed.substring(0, LONGEST);
      }
    }
    return changed;
  }

  private static String pick(List<String> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }

  private static int place(String text, SplittableRandom random) {
    return random.nextInt(text.length() + 1);
  }

  private static String insert(String text, String part, SplittableRandom random) {
    int at = place(text, random);
    return text.substring(0, at) + part + text.substring(at);
  }

  private static String characters(String text, SplittableRandom random) {
    if (text.isEmpty()) {
      return "a";
    }
    int at = random.nextInt(text.length());
    int end = Math.min(text.length(), at + 1 + random.nextInt(4));
    return switch (random.nextInt(4)) {
      case 0 -> text.substring(0, at) + text.substring(end);
      case 1 -> text.substring(0, end) + text.substring(at);
      case 2 ->
        text.substring(0, at)
            + (char) (text.charAt(at) ^ (1 << random.nextInt(8)))
            + text.substring(at + 1);
      default -> text.substring(0, at) + (char) random.nextInt(0x250) + text.substring(at);
    };
  }

  private String token(String text, SplittableRandom random) {
    List<int[]> tokens = matches(TOKEN, text);
    if (tokens.isEmpty()) {
      return pick(WORDS, random);
    }
    int[] token = tokens.get(random.nextInt(tokens.size()));
    String other = switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> pick(WORDS, random);
      case 2 -> {
        int[] second = tokens.get(random.nextInt(tokens.size()));
        yield text.substring(second[0], second[1]);
      }
      default -> text.substring(token[0], token[1]) + pick(WORDS, random);
    };
    return text.substring(0, token[0]) + other + text.substring(token[1]);
  }

  private static List<int[]> matches(Pattern pattern, String text) {
    List<int[]> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(new int[] {matcher.start(), matcher.end()});
    }
    return found;
  }

  /** Changes a value or a key, and leaves what surrounds it as it is. */
  private static String value(String text, SplittableRandom random) {
    List<int[]> values = matches(VALUE, text);
    if (values.isEmpty()) {
      return text;
    }
    int[] value = values.get(random.nextInt(values.size()));
    String old = text.substring(value[0], value[1]);
    String other = switch (random.nextInt(8)) {
      case 0 -> pick(NUMBERS, random);
      case 1 -> "\"" + pick(ODD, random).replace("\"", "") + old.replace("\"", "") + "\"";
      case 2 -> "[" + old + ", " + pick(NUMBERS, random) + "]";
      case 3 -> "{" + pick(WORDS, random) + ": " + old + "}";
      case 4 -> {
        int[] second = values.get(random.nextInt(values.size()));
        yield text.substring(second[0], second[1]);
      }
      case 5 -> old.length() < 2 ? old + old : old.substring(1);
      default -> pick(WORDS, random);
    };
    return text.substring(0, value[0]) + other + text.substring(value[1]);
  }

  private String line(String text, SplittableRandom random) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int at = random.nextInt(lines.size());
    switch (random.nextInt(6)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(at, lines.get(at));
      case 2 -> lines.add(random.nextInt(lines.size()), lines.remove(at));
      case 3 -> lines.set(at, "  " + lines.get(at));
      case 4 -> lines.set(at, lines.get(at).replaceFirst("^ {1,2}", ""));
      default -> {
        String[] others = pick(corpus, random).split("\n", -1);
        lines.add(at, others[random.nextInt(others.length)]);
      }
    }
    return String.join("\n", lines);
  }

  private static String number(String text, SplittableRandom random) {
    List<int[]> numbers = matches(NUMBER, text);
    if (numbers.isEmpty()) {
      return insert(text, pick(NUMBERS, random), random);
    }
    int[] number = numbers.get(random.nextInt(numbers.size()));
    return text.substring(0, number[0]) + pick(NUMBERS, random) + text.substring(number[1]);
  }

  private static String structure(String text, SplittableRandom random) {
    int at = place(text, random);
    int end = Math.min(text.length(), at + random.nextInt(60));
    String middle = text.substring(at, end);
    int deep = 1 << random.nextInt(12);
    return text.substring(0, at)
        + switch (random.nextInt(8)) {
          case 0 -> "[" + middle + "]";
          case 1 -> "{" + middle + "}";
          case 2 -> "&a " + middle + " *a";
          case 3 -> "\"" + middle + "\"";
          case 4 -> "'" + middle + "'";
          case 5 -> "[".repeat(deep) + middle + (random.nextBoolean() ? "]".repeat(deep) : "");
          case 6 -> "|\n" + middle + "\n";
          default -> (middle + "\n").repeat(1 + random.nextInt(20));
        }
        + text.substring(end);
  }
}
