package dev.muster.examples.dimuon;

import com.google.common.primitives.ImmutableDoubleArray;

/**
 * Selected muon pairs and what the classifier says of each, in the same order.
 *
 * <p>Immutable and thread-safe.
 */
record ScoredSelection(Selection selection, ImmutableDoubleArray scores) {}
