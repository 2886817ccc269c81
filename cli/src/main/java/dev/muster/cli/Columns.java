package dev.muster.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of texts in columns, each as wide as its widest text. Pure. */
final class Columns {
  private Columns() {}

  /** Returns a line for each row. All have the same number of texts; the last is as long as it is. */
  static List<String> lines(List<List<String>> rows) {
    int count = rows.isEmpty() ? 0 : rows.get(0).size() - 1;
    int[] widths = new int[count];
    for (List<String> row : rows) {
      for (int i = 0; i < count; i++) {
        widths[i] = Math.max(widths[i], Text.width(row.get(i)));
      }
    }
    List<String> lines = new ArrayList<>(rows.size());
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < count; i++) {
        line.append(Text.left(row.get(i), widths[i])).append("  ");
      }
      lines.add(line.append(row.get(count)).toString().stripTrailing());
    }
    return lines;
  }
}
