package dev.muster.pbs;

/** PBS Professional whose server keeps ended jobs. */
class HistoryStandInTest extends StandIn {
  HistoryStandInTest() {
    super("history");
  }
}
