package dev.muster.pbs;

/** A PJM that allows no bulk jobs. */
class SingleStandInTest extends PjmStandIn {
  SingleStandInTest() {
    super("single");
  }
}
