# Reads from standard input which processes to end when the process that holds its other end is gone:
#   + PID   the process with its session or group
#   - PID   not any more
# Argument: seconds between the request to end and the end.
trap '' HUP INT QUIT TERM PIPE
pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
  esac
done
[ "$pids" = ' ' ] && exit 0
end() {
  for pid in $pids; do
    kill -s "$1" -- "-$pid" || kill -s "$1" "$pid"
    command -v pkill >/dev/null && pkill "-$1" -s "$pid"
  done
} 2>/dev/null
end TERM
sleep "$1"
end KILL
exit 0
