package dev.muster.examples.dimuon;

import java.util.List;

/**
 * The selected muon pairs of one partition.
 *
 * <p>Immutable and thread-safe.
 */
record Selection(List<Candidate> candidates, CutFlow cutFlow) {
  Selection {
    candidates = List.copyOf(candidates);
  }
}
