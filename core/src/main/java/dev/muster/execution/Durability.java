package dev.muster.execution;

/**
 * What the record of a run survives.
 *
 * @since 0.1
 */
public enum Durability {
  /**
   * The end of the process, however it ends: what is written is given to the operating system whenever no event waits.
   */
  PROCESS,
  /** The end of the machine too: what is written is then brought to the disk ({@code fsync}). */
  MACHINE
}
