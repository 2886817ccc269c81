package dev.muster.workflow;

/**
 * The processor that a stage's environment asks for. Source: {@code process_on} of FAST-HEP's stage environments.
 *
 * @since 0.1
 */
public enum ProcessOn {
  /** Pools without GPUs if there are any that fit. */
  CPU,
  /** Only pools with GPUs. */
  GPU,
  /** Pools with GPUs if there are any, else others. */
  GPU_IF_AVAILABLE
}
