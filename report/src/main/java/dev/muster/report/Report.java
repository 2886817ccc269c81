package dev.muster.report;

import dev.muster.error.MusterException;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.report.internal.PageFile;
import java.nio.file.Path;

/**
 * Shows what happened in a run: a page in one file that opens in any browser, without a network, also from a mail. It
 * is made from the run's directory, so the run may have ended, have been killed, or be under way.
 *
 * <pre>{@code
 * Path page = Report.write(Path.of(".muster/runs/latest"));
 * }</pre>
 *
 * <p>The page has what went wrong first; how many tasks ran at each time; what each worker did when; the stages with
 * their states, what they wait for and how long their tasks took; pools; and the slowest tasks. Of a run that was gone
 * on with it shows the last process, and lists those before. Its size does not grow with the number of tasks: beyond
 * some hundreds of workers, stages or kinds of failures it shows the first ones and says how many there are. Texts of
 * operations, as in messages and logs, are on the page as text, whatever they contain. It loads nothing, and a content
 * security policy forbids it to.
 *
 * <p>Memory and time grow with the number of attempts: about 40 bytes and some microseconds for each.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public final class Report {
  /** The name of the page in a run's directory. */
  public static final String NAME = "report.html";

  private Report() {}

  /**
   * Writes {@value #NAME} into a run's directory, in place of the one that is there.
   *
   * @param run the run's directory
   * @return the page
   * @throws MusterException if the journal or the plan of the run cannot be read, or the page cannot be written
   */
  public static Path write(Path run) {
    return write(run, run.resolve(NAME));
  }

  /**
   * Writes the page to another file, in place of the one that is there.
   *
   * @param run the run's directory
   * @param page the file; its folder must be there
   * @return the page
   * @throws MusterException if the journal or the plan of the run cannot be read, or the page cannot be written
   */
  public static Path write(Path run, Path page) {
    PageFile.write(run, RecordedPlan.read(run), page);
    return page;
  }
}
