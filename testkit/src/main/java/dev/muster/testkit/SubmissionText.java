package dev.muster.testkit;

import dev.muster.batch.spi.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What a submission says, to be searched and compared. */
final class SubmissionText {
  private SubmissionText() {}

  /** Returns its command, files and input in one text. */
  static String of(Submission submission) {
    return String.join("\0", submission.command()) + "\0" + new TreeMap<>(submission.files())
        + submission.input();
  }

  /** Returns the lines of its files and its input. */
  static List<String> lines(Submission submission) {
    List<String> lines = new ArrayList<>();
    submission.files().values().forEach(text -> lines.addAll(text.lines().toList()));
    if (submission.input() != null) {
      lines.addAll(submission.input().lines().toList());
    }
    return lines;
  }
}
