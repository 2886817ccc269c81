/**
 * Runs FAST-HEP's own workflows: its compiler, its plans, its operations.
 */
module dev.muster.fasthep {
  requires transitive dev.muster.core;
  requires transitive org.jspecify;
  requires org.slf4j;
  requires tools.jackson.databind;

  exports dev.muster.fasthep;

  provides dev.muster.spi.WorkflowLanguage with
      dev.muster.fasthep.FastHepLanguage;
}
