package dev.muster.cli;

import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.probe.ProbeReport;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** Writes what {@code muster probe} found. Pure. */
final class ProbeView {
  private static final int CHECK = 13;
  private static final int TIME = 7;

  private ProbeView() {}

  /** Returns a finding as a line for people; more lines where its detail has more. */
  static List<String> line(Finding finding, int poolColumns, Style style) {
    String mark = switch (finding.outcome()) {
      case GOOD -> style.green(style.done());
      case DOUBTFUL -> style.yellow("!");
      case BAD -> style.red(style.failed());
    };
    List<String> detail = Text.lines(finding.detail());
    String pool = finding.pool() == null ? "site" : Text.harmless(finding.pool());
    String time = finding.took().isZero() ? "" : Text.time(finding.took());
    List<String> lines = new ArrayList<>();
    lines.add(mark + " " + Text.left(pool, poolColumns) + "  " + Text.left(finding.check(), CHECK)
        + Text.right(time, TIME) + "  " + (detail.isEmpty() ? "" : detail.get(0)));
    for (int i = 1; i < detail.size(); i++) {
      lines.add("  " + style.bar() + " " + detail.get(i));
    }
    return lines;
  }

  /** Returns the last line. */
  static String verdict(ProbeReport report, Style style) {
    long bad = count(report, Outcome.BAD);
    long doubtful = count(report, Outcome.DOUBTFUL);
    String doubts = doubtful == 0 ? "" : ", " + doubtful + " to look at";
    return bad == 0
        ? style.green(style.done()) + " this site can run the workflow" + doubts
        : style.red(style.failed()) + " this site cannot run the workflow: "
            + Text.count(bad, "check") + " failed" + doubts;
  }

  private static long count(ProbeReport report, Outcome outcome) {
    return report.findings().stream().filter(each -> each.outcome() == outcome).count();
  }

  /** Returns the report for programs. */
  static String json(ProbeReport report) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(new PrettyJson(), text)) {
      json.writeStartObject();
      json.writeBooleanProperty("good", report.good());
      json.writeArrayPropertyStart("findings");
      for (Finding finding : report.findings()) {
        json.writeStartObject();
        json.writeStringProperty("pool", finding.pool());
        json.writeStringProperty("check", finding.check());
        json.writeStringProperty("outcome", finding.outcome().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("detail", finding.detail());
        json.writeNumberProperty("seconds", finding.took().toMillis() / 1e3);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }
}
