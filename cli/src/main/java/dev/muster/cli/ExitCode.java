package dev.muster.cli;

/** The exit codes of {@code muster}. */
final class ExitCode {
  /** Everything asked for was done. */
  static final int DONE = 0;
  /** The run failed, or Muster did. */
  static final int FAILED = 1;
  /** The command line or the workflow is wrong; nothing was started. */
  static final int USAGE = 2;
  /** The run ended, and parts are missing that the workflow tolerates to be missing. */
  static final int INCOMPLETE = 3;
  /** Interrupted: 128 and the number of the signal, as shells have it. */
  static final int INTERRUPTED = 130;
  /** Nobody reads the output any more: 128 and the number of SIGPIPE. */
  static final int READER_GONE = 141;

  private ExitCode() {}
}
