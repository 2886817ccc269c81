package dev.muster.pbs;

/** A PJM that allows bulk jobs. */
class BulkStandInTest extends PjmStandIn {
  BulkStandInTest() {
    super("bulk");
  }
}
