package dev.muster.probe;

import java.util.List;

/**
 * What was found when a site was tried out, pool by pool, before anything big is submitted to it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param findings in the order in which they were made
 * @since 0.1
 */
public record ProbeReport(List<Finding> findings) {
  public ProbeReport {
    findings = List.copyOf(findings);
  }

  /** Tells whether nothing is {@link Finding.Outcome#BAD}. */
  public boolean good() {
    return findings.stream().noneMatch(finding -> finding.outcome() == Finding.Outcome.BAD);
  }
}
