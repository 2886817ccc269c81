package dev.muster.pbs;

/** Torque. */
class TorqueStandInTest extends StandIn {
  TorqueStandInTest() {
    super("torque");
  }
}
