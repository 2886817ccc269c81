package dev.muster.internal.operation;

/** Says what is wrong with a placeholder, and in which of a stage's parameters it stands. */
final class Misplaced extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String parameter;

  Misplaced(String parameter, String message, Throwable cause) {
    super(message, cause);
    this.parameter = parameter;
  }

  Misplaced(String parameter, String message) {
    super(message);
    this.parameter = parameter;
  }

  /** Returns the parameter, for example {@code command} or {@code variables.PATH}. */
  String parameter() {
    return parameter;
  }
}
