/**
 * Simulated events with two muons: kinematics, physics processes, a detector, and the file format. Start at
 * {@link dev.muster.examples.physics.PhysicsProcess}.
 */
@NullMarked
package dev.muster.examples.physics;

import org.jspecify.annotations.NullMarked;
