package dev.muster.examples.dimuon;

import dev.muster.examples.learning.Network;

/**
 * Two networks, each trained on one half of the simulated events. An event is scored by the network that has not seen
 * it, so simulation and data are treated alike and no event is lost to training.
 *
 * <p>Immutable and thread-safe.
 *
 * @param even trained on events of even number
 * @param odd trained on events of odd number
 */
record Model(Network even, Network odd) {
  /** Returns how much a candidate looks like signal, from 0 to 1. */
  double score(Candidate candidate) {
    Network unbiased = candidate.number() % 2 == 0 ? odd : even;
    return unbiased.score(candidate.features());
  }
}
