package dev.muster.pbs;

/**
 * Lines for {@code sh} that submit copies one by one where there are no arrays, or one alone is none. What was
 * submitted before one was refused is cancelled again, so that all are in the queue or none is.
 */
final class CopyLoop {
  /** The variable in which a job that is not part of an array finds its number. */
  static final String VARIABLE = "MUSTER_COPY";

  private CopyLoop() {}

  /**
   * Returns the lines. They need the variables {@code copies} and {@code script}, and the options in {@code "$@"}.
   *
   * @param submit the command that submits
   * @param variable its option that sets a variable of the job
   * @param cancel the command that cancels ids
   */
  static String lines(String submit, String variable, String cancel) {
    return """
        ids= copy=0
        while [ "$copy" -lt "$copies" ]; do
          id=$(%s "$@" %s "%s=$copy" "$script") || {
            code=$?
            [ -z "$ids" ] || %s $ids >/dev/null 2>&1 || printf '%%s\\n' $ids
            printf '%%s\\n' "$id" >&2
            exit "$code"
          }
          ids="$ids $id" copy=$((copy + 1))
        done
        printf '%%s\\n' $ids
        """.formatted(submit, variable, VARIABLE, cancel);
  }
}
