/** Contract tests and fakes for people who write operations, modifiers and backends. */
module dev.muster.testkit {
  requires transitive dev.muster.batch;
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires transitive org.junit.jupiter.api;
  requires org.assertj.core;

  exports dev.muster.testkit;
}
