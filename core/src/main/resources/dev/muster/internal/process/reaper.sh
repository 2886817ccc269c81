# Reads from standard input which processes to end when the process that holds its other end is gone:
#   + PID   the process with its session or group
#   - PID   not any more
#   .       that process ends in order: nothing has to be searched for
# Arguments: seconds between the request to end and the end; what the environment of all that is to be ended holds.
trap '' HUP INT QUIT TERM PIPE
pids=' '
ordered=
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
    .) ordered=yes ;;
  esac
done
[ "$pids$ordered" = ' yes' ] && exit 0

# started PID: sets start to when the process started; empty if there is none.
started() {
  start=
  read -r start <"/proc/$1/stat" || return 0
  set -- ${start##*) }
  start=${20}
}

# found: prints the processes that have the mark. One digit after the other: the names of all would be too long for a command.
found() {
  for digit in 1 2 3 4 5 6 7 8 9; do
    grep -l -s -F -e "$mark" /proc/$digit*/environ
  done | while IFS=/ read -r _ _ pid _; do
    printf '%s\n' "$pid"
  done
}

# below PID...: prints these processes and all that descend from them.
below() {
  for each; do
    printf '%s\n' "$each"
    below $(cat "/proc/$each/task/"*/children)
  done
}

# look: notes what descends from the processes now.
look() {
  for pid in $pids; do
    started "$pid"
    case $starts in
      *" $pid:$start "*) ;;
      *) continue ;;
    esac
    for each in $(below "$pid"); do
      started "$each"
      [ -z "$start" ] || left="$left $each:$start"
    done
  done
}

# end SIGNAL: a process whose number now stands for another one is left alone.
end() {
  for pid in $pids; do
    started "$pid"
    case $starts in
      *" $pid:$start "*) ;;
      *) [ -z "$start" ] || continue ;;
    esac
    kill -s "$1" -- "-$pid" || kill -s "$1" "$pid"
    command -v pkill >/dev/null && pkill "-$1" -s "$pid"
  done
  for each in $left; do
    started "${each%:*}"
    [ "$each" = "${each%:*}:$start" ] && kill -s "$1" "${each%:*}"
  done
  for pid in $(found); do
    grep -q -s -F -e "$mark" "/proc/$pid/environ" && kill -s "$1" "$pid"
  done
}

grace=$1
mark=$2
{
  starts=' ' left=
  for pid in $pids; do
    started "$pid"
    starts="$starts$pid:$start "
  done
  look
  end TERM
  sleep "$grace"
  look
  end KILL
  # What was started meanwhile.
  rounds=0
  while [ -n "$(found)" ] && [ "$rounds" -lt 20 ]; do
    end KILL
    rounds=$((rounds + 1))
    sleep 0.1 || sleep 1
  done
} 2>/dev/null
exit 0
