package dev.muster.pbs;

/** PBS Professional whose server forgets a job as soon as it has ended, as it is installed. */
class ProStandInTest extends StandIn {
  ProStandInTest() {
    super("pro");
  }
}
