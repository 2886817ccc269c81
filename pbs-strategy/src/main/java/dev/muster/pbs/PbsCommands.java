package dev.muster.pbs;

import dev.muster.batch.spi.Submission;
import java.util.List;

/** What {@code sh} runs for the dialect. The three kinds of PBS are told apart by {@code qstat --version}. */
final class PbsCommands {
  /** Variables of a job that another one, in which this process may run, must not hand on. */
  private static final List<String> OWN_VARIABLES = List.of(
      "PBS_JOBID",
      "PBS_JOBNAME",
      "PBS_JOBDIR",
      "PBS_JOBCOOKIE",
      "PBS_ENVIRONMENT",
      "PBS_NODEFILE",
      "PBS_NODENUM",
      "PBS_TASKNUM",
      "PBS_MOMPORT",
      "PBS_QUEUE",
      "PBS_ARRAY_INDEX",
      "PBS_ARRAY_ID",
      "PBS_ARRAYID",
      "PBS_O_WORKDIR",
      "SLURM_JOB_ID",
      "SLURM_JOBID",
      "SLURM_ARRAY_TASK_ID",
      "NCPUS",
      "TMPDIR",
      CopyLoop.VARIABLE);

  private static final String ENGLISH = "LC_ALL=C; export LC_ALL\n";

  /** Sets flavour, if it is auto. */
  private static final String FLAVOUR = """
      if [ "$flavour" = auto ]; then
        said=$(qstat --version 2>&1)
        case $said in
          *pbs_version*) flavour=pro ;;
          *'Unknown option: version'*) flavour=slurm ;;
          *[Vv]ersion:*) flavour=torque ;;
          *)
            printf 'muster: %s\\n' "qstat --version names no PBS (set the option flavour): $said" >&2
            exit 64
            ;;
        esac
      fi
      """;

  /** ENVIRONMENT SCRIPT COPIES FLAVOUR CHUNKS PLACE NODES: submits, and leaves the environment in a file. */
  static final String SUBMIT = Submission.keepEnvironment(OWN_VARIABLES) + " || exit\n" + """
      script=$2 copies=$3 flavour=$4 chunks=$5 place=$6 nodes=$7
      set -- -o /dev/null -e /dev/null
      """
      + FLAVOUR + """
      case $flavour in
        pro)
          set -- "$@" -l "$chunks" ${place:+-l "$place"}
          if [ "$copies" = 1 ]; then set -- "$@" -r n; else set -- "$@" -J "0-$((copies - 1))"; fi
          exec qsub "$@" "$script"
          ;;
      esac
      if [ -z "$nodes" ]; then
        echo 'muster: these nodes, processes and cpus can only be asked of PBS Professional' >&2
        exit 64
      fi
      set -- "$@" -l "$nodes" -r n
      if [ "$flavour" = torque ]; then
        [ "$copies" = 1 ] || set -- "$@" -t "0-$((copies - 1))"
        exec qsub "$@" "$script"
      fi
      """ + CopyLoop.lines("qsub", "-v", "qdel");

  /**
   * NAMES OPTION IDS: the table of jobs, with -t if there are arrays. The exit code of qstat says that one is unknown.
   * The names are for who reads the answer.
   */
  static final String TABLE = ENGLISH + "shift; qstat \"$@\"; echo \"muster: end $?\"";

  /** NAMES IDS: all that is known of jobs, also of ended ones where the server keeps them. */
  static final String RECORDS = ENGLISH + "shift; flavour=auto\n" + FLAVOUR + """
      case $flavour in
        pro) qstat -x -f "$@" 2>/dev/null || qstat -f "$@" ;;
        torque) qstat -f "$@" ;;
        slurm) (exit 153) ;;
      esac
      echo "muster: end $?"
      """;

  /**
   * NAME TAG: the ids of the jobs with this name, also of those that have ended where the server tells of them; of an
   * array as a whole.
   */
  static final String FIND = ENGLISH + """
      qstat=$(command -v qstat) || exit
      select=${qstat%/*}/qselect me=$(id -un)
      if [ -x "$select" ]; then
        "$select" -x -u "$me" -N "$1" 2>/dev/null || "$select" -u "$me" -N "$1" || exit
      else
        all=$(qstat) || [ $? = 153 ] || exit 1
        printf '%s\\n' "$all" | awk -v name="$1" '$2 == name { print $1 }'
      fi
      echo 'muster: end'
      """;

  /** ID: all that is known of a job. */
  static final String WHY = ENGLISH + "qstat -f \"$1\"";

  /**
   * NAME TAG: ends the jobs with this name; in one line, as another shell reads it by lines. The commands of Torque
   * for Slurm have no qselect; one that another system has installed is not beside them.
   */
  static final String DELETE = "LC_ALL=C; export LC_ALL; qstat=$(command -v qstat) || exit; "
      + "select=${qstat%/*}/qselect; if [ -x \"$select\" ]; then "
      + "ids=$(\"$select\" -u \"$(id -un)\" -N \"$1\") || exit; else "
      + "all=$(qstat) || [ $? = 153 ] || exit 1; ids=$(printf '%s\\n' \"$all\""
      + " | awk -v name=\"$1\" '$2 == name && $5 != \"C\" { print $1 }'); fi; "
      + "[ -n \"$ids\" ] || exit 0; said=$(qdel $ids 2>&1) && exit; code=$?; "
      + "left=$(printf '%s\\n' \"$said\""
      + " | grep -v -e '^$' -e 'Unknown Job' -e 'as finished' -e 'nvalid .*state .*job'); "
      + "printf '%s\\n' \"$said\"; [ -z \"$left\" ] || exit \"$code\"";

  /** The server must answer, unlike for qstat --version. */
  static final String VERSION = ENGLISH + "flavour=auto\n" + FLAVOUR + """
      if [ "$flavour" = slurm ]; then
        qstat >/dev/null || [ $? = 153 ] || exit 1
        echo "Torque's commands for Slurm"
      else
        qstat -B >/dev/null || exit
        printf '%s\\n' "$said"
      fi
      """;

  private PbsCommands() {}
}
