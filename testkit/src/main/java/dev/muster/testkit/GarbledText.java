package dev.muster.testkit;

import java.util.List;

/** What a command may print that is not its answer. */
final class GarbledText {
  static final List<String> ALL = List.of(
      "",
      "\n",
      "\n\n\n",
      "   ",
      "|",
      "||||||||",
      ",",
      ":",
      "{",
      "[]",
      "[{",
      "[null]",
      "{\"a\":[1,{}]}",
      "<html><body>502 Bad Gateway</body></html>",
      "bash: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8)\n",
      "Segmentation fault\n",
      "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n",
      "-- Failed to fetch ads from: <127.0.0.1:9618>\n",
      "99999999999999999999999999\n",
      "-1\n",
      "a b c d e f g h i j\n",
      "\u0000\u0001\u0002\uFFFD\uFFFD\n",
      "größe 中 🎉\n",
      "x".repeat(100_000));

  private GarbledText() {}

  static String shown(String text) {
    String quoted = text.replace("\n", "\\n").replaceAll("\\p{Cntrl}", "?");
    return "'" + (quoted.length() > 40 ? quoted.substring(0, 40) + "..." : quoted) + "'";
  }
}
