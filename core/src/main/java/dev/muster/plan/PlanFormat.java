package dev.muster.plan;

/** The languages in which a plan is written; {@code docs/plan.md} describes them. */
public enum PlanFormat {
  /** All that is planned, as YAML. */
  YAML,
  /** All that is planned, as JSON of the same structure. */
  JSON,
  /** A drawing of the stages in the Mermaid language, which many Markdown viewers show as a picture. */
  MERMAID,
  /** A drawing of the stages in Graphviz's DOT language. */
  DOT
}
