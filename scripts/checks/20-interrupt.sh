#!/usr/bin/env bash
# A run that is interrupted in the middle leaves no process, ends with 130, and its journal reads back to the last line.
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
import subprocess


def run(seconds):
    subprocess.run(["sleep", str(seconds)])
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
EOF
