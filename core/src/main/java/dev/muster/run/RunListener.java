package dev.muster.run;

/**
 * Receives the events of a run.
 *
 * <p>Called by one thread of the run, one event after another; a slow listener slows the run down in the end. What it
 * throws is logged and does not harm the run.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface RunListener {
  /** Receives one event. */
  void onEvent(RunEvent event);
}
