/** Shows what happened in a run on a page that opens in any browser, without a network. */
module dev.muster.report {
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires tools.jackson.core;

  exports dev.muster.report;

  provides dev.muster.spi.RunReporter with
      dev.muster.report.internal.RunEndReport;
}
