/**
 * The stages of the dimuon analysis as operations, from simulated events to a plot. Start at
 * {@link dev.muster.examples.dimuon.DimuonOperations}.
 */
@NullMarked
package dev.muster.examples.dimuon;

import org.jspecify.annotations.NullMarked;
