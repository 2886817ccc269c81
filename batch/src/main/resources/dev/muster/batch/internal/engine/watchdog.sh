# Says that it is ready, then reads from standard input what to do when the process that holds its other end is gone:
#   add NUMBER COMMAND   run COMMAND, until it has succeeded twice: a submission may be on its way
#   drop NUMBER          not any more
#   done                 nothing; end
# Arguments: the log file, how many rounds at most, seconds between rounds, seconds for a command.
trap '' HUP INT QUIT TERM PIPE
log=$1 rounds=$2 pause=$3 limit=$4
last=0
echo ready
while IFS= read -r line; do
  case $line in
    done) exit 0 ;;
    'add '*)
      rest=${line#add }
      number=${rest%% *}
      eval "command_$number=\${rest#* } good_$number=0"
      [ "$number" -gt "$last" ] && last=$number
      ;;
    'drop '*) unset "command_${line#drop }" ;;
  esac
done
exec >>"$log" 2>&1 </dev/null
if command -v timeout >/dev/null; then within="timeout -k 5 $limit"; else within=; fi
round=1
left=1
while [ "$left" -gt 0 ] && [ "$round" -le "$rounds" ]; do
  [ "$round" -gt 1 ] && sleep "$pause"
  left=0
  number=1
  while [ "$number" -le "$last" ]; do
    eval "line=\${command_$number-}"
    if [ -n "$line" ]; then
      echo "the process that submitted jobs is gone, round $round: $line"
      if eval "$within $line"; then
        eval "good_$number=\$((good_$number + 1))"
      else
        echo "exit code $?"
      fi
      if eval "[ \"\$good_$number\" -ge 2 ]"; then unset "command_$number"; else left=$((left + 1)); fi
    fi
    number=$((number + 1))
  done
  round=$((round + 1))
done
if [ "$left" -gt 0 ]; then
  echo "given up: $left commands did not succeed twice"
  exit 1
fi
echo "all commands succeeded"
