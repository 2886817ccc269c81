package dev.muster.pbs;

import dev.muster.batch.spi.JobOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The user's own options of the command that submits, as lines of a script.
 *
 * @param mark how the lines begin
 * @param wanted what the option must be
 * @param own options that would hide the jobs, their ends or their logs, or that Muster sets for all jobs
 * @param asked options that ask for what Muster asks for already: of two requests that contradict each other one is lost
 */
record ExtraDirectives(String mark, String wanted, Pattern own, Pattern asked) {
  static final String OPTION = "job_extra_directives";

  /**
   * Returns the lines.
   *
   * @throws dev.muster.error.MusterException if one cannot be taken
   */
  List<String> lines(JobOptions options) {
    List<String> lines = new ArrayList<>();
    Map<String, String> map = options.map(OPTION);
    if (map == null) {
      options.lines(OPTION).forEach(line -> lines.add(line(options, line.strip())));
      return lines;
    }
    map.forEach((name, value) -> {
      String dashes = name.startsWith("-") ? "" : name.length() == 1 ? "-" : "--";
      if (value.contains("\n") || value.contains("\"")) {
        throw options.wrong(
            OPTION, "values in one line without double quotes, got '" + value + "'");
      }
      boolean flag = value.isEmpty() || value.equals("true");
      boolean plain = value.chars().noneMatch(c -> c <= ' ' || c == '\'' || c == '\\');
      String words = flag ? "" : " " + (plain ? value : "\"" + value + "\"");
      lines.add(line(options, dashes + name + words));
    });
    return lines;
  }

  private String line(JobOptions options, String line) {
    String words = line.startsWith(mark) ? line.substring(mark.length()).strip() : line;
    if (!words.matches("--?[A-Za-z].*")) {
      throw options.wrong(OPTION, wanted);
    }
    String plain = words.replaceAll("[\"'\\\\]", "");
    if (own.matcher(plain).matches()) {
      throw options.wrong(
          OPTION, "without an option that Muster needs for itself (in: " + words + ")");
    }
    if (asked.matcher(plain).matches()) {
      throw options.wrong(
          OPTION,
          "without what Muster asks for itself: say nodes, cpus, memory and gpus in resources, and"
              + " the rest in options of config (in: " + words + ")");
    }
    return mark + " " + words;
  }
}
