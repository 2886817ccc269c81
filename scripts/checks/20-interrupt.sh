#!/usr/bin/env bash
# A run that is interrupted in the middle leaves no process, ends with 130, and its journal reads back to the last line.
# One whose JVM is killed leaves no process either, 15 seconds later, whatever sessions its commands have made; the same
# goes for workers on Dask.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A length that no other process of this machine sleeps for tells ours apart.
seconds=$((100000 + RANDOM))
cat >"$work/long.yaml" <<EOF
name: long
analysis:
  stages:
    - {id: Quick, op: shell, params: {command: "echo started"}}
    - {id: Long, op: shell, params: {command: "sleep $seconds & sleep $seconds; wait"}}
    - {id: Python, op: python, needs: [Quick], params: {callable: "long_task:run", seconds: $seconds}}
    - {id: Never, op: shell, needs: [Long], params: {command: "echo never"}}
execution:
  pools:
    default: {workers: 2}
EOF
cat >"$work/long_task.py" <<'EOF'
import os
import subprocess


def run(seconds):
    subprocess.run(["sleep", str(seconds)])


def away(seconds):
    """Starts processes outside its session, one of them with a parent that ends at once."""
    subprocess.Popen(["sleep", str(seconds)], start_new_session=True)
    twice = "import os, sys; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); "
    twice += "os.execlp('sleep', 'sleep', sys.argv[1])"
    subprocess.run(["python3", "-c", twice, str(seconds)])
    subprocess.run(["sleep", str(seconds)])
EOF
# Each stage leaves what it starts in another way; 9 processes in all.
cat >"$work/away.yaml" <<EOF
name: away
analysis:
  stages:
    - {id: Session, op: shell, params: {command: "setsid sleep $seconds & wait"}}
    - {id: Twice, op: shell, needs: [], params: {command: "(setsid sleep $seconds &); sleep $seconds; true"}}
    - id: Nohup
      op: shell
      needs: []
      params: {command: [bash, -c, "nohup setsid -f sleep $seconds; sleep $seconds & disown; sleep $seconds; true"]}
    - {id: Python, op: python, needs: [], params: {callable: "long_task:away", seconds: $seconds}}
execution:
  pools:
    default: {workers: 4}
EOF
./muster --version >/dev/null

python3 - "$work" "$seconds" <<'EOF'
import json, os, signal, subprocess, sys, time

work, seconds = sys.argv[1:]


def sleepers():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if file.read().split(b"\0")[:2] == [b"sleep", seconds.encode()]:
                    found.append(int(pid))
        except OSError:
            pass  # it ended while we looked
    return found


def until(condition, limit, what):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"waited {limit} s in vain for: {what}")
        time.sleep(0.05)


for number, expected in [(signal.SIGINT, 130), (signal.SIGTERM, 143)]:
    run = os.path.join(work, number.name)
    process = subprocess.Popen(
        ["./muster", "run", os.path.join(work, "long.yaml"), "--run-dir", run],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    try:
        until(lambda: len(sleepers()) == 3 or process.poll() is not None, 60, "both long stages to run")
        os.kill(process.pid, number)
        output, _ = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != expected:
        sys.exit(f"{number.name}: exit code {process.returncode}, not {expected}; it printed:\n{output}")
    until(lambda: not sleepers(), 5, "no process to be left")
    with open(os.path.join(run, "journal")) as file:
        events = [json.loads(line) for line in file]
    if (events[-1]["event"], events[-1]["status"]) != ("RunFinished", "CANCELLED"):
        sys.exit(f"{number.name}: the journal ends with {events[-1]}")
    if any(event.get("name") == "Never" and event["event"] == "TaskStarted" for event in events):
        sys.exit(f"{number.name}: a stage started after the end")
    print(f"interrupt: {number.name} ends the run with {expected}, no process left, {len(events)} events read back")

# The JVM is killed.
runs = [[]]
try:
    subprocess.run(["/usr/bin/python3", "-c", "import distributed"], check=True, stderr=subprocess.DEVNULL)
    runs.append(["--backend", "dask", "--set", "config.python=/usr/bin/python3"])
except (OSError, subprocess.CalledProcessError):
    print("interrupt: without Dask: /usr/bin/python3 has no distributed")
for options in runs:
    run = os.path.join(work, "killed" + "".join(options[1:2]))
    process = subprocess.Popen(
        ["./muster", "run", os.path.join(work, "away.yaml"), "--run-dir", run, *options],
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        until(lambda: len(sleepers()) == 9 or process.poll() is not None, 60, "all stages to run")
        started = time.monotonic()
        process.kill()
        process.wait()
        until(lambda: not sleepers(), 15, "no process to be left after the JVM was killed")
        print(f"interrupt: nothing left {time.monotonic() - started:.1f} s after SIGKILL {' '.join(options[:2])}")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        for pid in sleepers():
            os.kill(pid, signal.SIGKILL)
EOF
