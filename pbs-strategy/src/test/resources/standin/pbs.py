"""Stands in for qsub, qstat, qdel and qselect of PBS. STANDIN is its folder, STANDIN_PBS one of pro, history (the
server keeps ended jobs), torque. It prints what the manuals and the bug reports of users have."""

import os
import re
import sys

import standin as queue

KIND = os.environ.get("STANDIN_PBS", "pro")
SERVER = "pbs01"
TORQUE = KIND == "torque"
OPTIONS = {"pro": "NqASoejlJrvmMWPVhkhz", "torque": "NqASoejltrvmMWdVhkhz"}["torque" if TORQUE else "pro"]
FLAGS = "Vhz"
STATES = ("Q", "H", "R", "X", "F")


def shown(job):
    return f"{job.number}.{SERVER}" if job.index is None else f"{job.number}[{job.index}].{SERVER}"


def state(job):
    if job.ended:
        if TORQUE:
            return "C"
        return "X" if job.index is not None and not all(other.ended for other in queue.jobs(job.number)) else "F"
    if job.get("held") is not None:
        return "H"
    return "Q" if job.get("pid") is None else "R"


def words(arguments, lines):
    """Returns the options as pairs, those of the script first, and the script."""
    found = []

    def take(list_, from_script):
        at = 0
        while at < len(list_):
            word = list_[at]
            if not word.startswith("-"):
                return list_[at]
            letter = word[1]
            if TORQUE and letter == "J":
                queue.fail("qsub: The -J option can only be used in conjunction with -P", 2)
            if letter not in OPTIONS:
                queue.fail(f"qsub: invalid option -- '{letter}'\nusage: qsub [-a date_time] ...", 2)
            if letter in FLAGS:
                found.append((letter, ""))
            elif len(word) > 2:
                found.append((letter, word[2:]))
            else:
                at += 1
                found.append((letter, list_[at]))
            at += 1
        return None

    script = None
    for line in lines:
        if line.startswith("#PBS "):
            take(line[5:].split(), True)
        elif line.strip() and not line.startswith("#"):
            break
    script = take(arguments, False)
    return found, script


def qsub(arguments):
    script = arguments[-1]
    try:
        lines = open(script).read()
    except OSError as error:
        queue.fail(f"qsub: script file:: {error.strerror}", 1)
    found, _ = words(arguments, lines.splitlines())
    said = dict(found)
    resources = {}
    for letter, value in found:
        if letter == "l":
            for part in re.split(r",(?=[a-z_]+=)", value):
                key, _, amount = part.partition("=")
                resources[key] = amount
    if len(said.get("N", "")) > 15 or not re.match(r"[A-Za-z]", said.get("N", "x")):
        queue.fail("qsub: illegal -N value", 2)
    if said.get("q") == "nope":
        queue.fail("qsub: Unknown queue", 170)
    if not TORQUE and "select" in resources and "nodes" in resources:
        queue.fail('qsub: "-lresource=" cannot be used with "select" or "place", resource is: nodes', 2)
    if (queue.HOME / "away").exists():
        queue.fail("qsub: cannot connect to server pbs01 (errno=15010)", 162)
    indices, array = [None], said.get("t" if TORQUE else "J")
    if array is not None:
        first, _, last = array.partition("-")
        if not TORQUE and (not last or int(last) <= int(first)):
            queue.fail("qsub: illegal -J value", 2)
        if not TORQUE and said.get("r") == "n":
            queue.fail("qsub: cannot submit non-rerunable Array Job", 2)
        indices = range(int(first), int(last or first) + 1)
    number = queue.next_number()
    seconds = 0
    for part in (resources.get("walltime") or "").split(":"):
        seconds = seconds * 60 + int(part or 0)

    def variables(index):
        own = {
            "PBS_JOBID": f"{number}.{SERVER}" if index is None else f"{number}[{index}].{SERVER}",
            "PBS_O_WORKDIR": os.getcwd(),
        }
        if index is not None:
            own["PBS_ARRAYID" if TORQUE else "PBS_ARRAY_INDEX"] = str(index)
        return own

    values = {"name": said.get("N", "STDIN"), "script": lines, "walltime": seconds or ""}
    queue.submit(number, indices, values, variables, "h" in said)
    print(f"{number}{'' if array is None else '[]'}.{SERVER}")


def find(word):
    """Returns the jobs that an id names, and whether that is an array as a whole."""
    match = re.fullmatch(r"(\d+)(\[(\d*)\])?(\..*)?", word)
    if not match:
        queue.fail(f"qstat: illegally formed job identifier: {word}", 1)
    found = [job for job in queue.jobs(int(match[1])) if (job.index is None) == (match[2] is None)]
    if match[3]:
        found = [job for job in found if job.index == int(match[3])]
    return found, match[2] == "[]"


def row(id_, name, letter):
    took = "0" if letter in "QHWB" else "00:00:03"
    return f"{id_[:16]:16}  {name[:16]:16} {'alice':16}  {took:>8} {letter} workq"


def document(jobs, job):
    """Returns what -F json has: of several jobs the first alone, and numbers of variables as they are."""
    head = '{ "timestamp":1761821236, "pbs_version":"23.06.06", "pbs_server":"pbs01"'
    if job is None:
        return head + " }"
    took = int(job.get("took") or 0)
    used = {"cput": job.get("cput", "00:00:00"), "mem": job.get("mem", "0kb"), "ncpus": 1, "walltime": clock(took)}
    variables = "".join(f', "{name}":{value}' for name, value in jobs.items())
    return (
        f'{head},\n  "Jobs":{{ "{shown(job)}":{{ "Job_Name":"{job.get("name")}", "Job_Owner":"alice@login1", '
        f'"job_state":"{state(job)}", "queue":"workq",\n    "resources_used":{{ '
        + ", ".join(f'"{name}":{value if name == "ncpus" else chr(34) + value + chr(34)}' for name, value in used.items())
        + f' }},\n    "Exit_status":{job.get("code")}, "comment":"{job.get("comment", "")}", '
        f'"Variable_List":{{ "PBS_O_WORKDIR":"/home/alice/w"{variables} }} }} }} }}'
    )


def clock(seconds):
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def record(job):
    letter = state(job)
    lines = [f"Job Id: {shown(job)}", f"Job_Name = {job.get('name')}", "Job_Owner = alice@login1"]
    code = job.get("code")
    if code is not None:
        took = int(job.get("took"))
        lines.append(f"resources_used.walltime = {clock(took)}")
    lines += [f"job_state = {letter}", "queue = workq"]
    if job.get("walltime"):
        limit = int(job.get("walltime"))
        lines.append(f"Resource_List.walltime = {clock(limit)}")
    lines.append("Variable_List = PBS_O_HOME=/home/alice,PBS_O_LANG=C,\n\tPBS_O_WORKDIR=/home/alice/w")
    if code is not None:
        number = int(code)
        lines.append(f"{'exit_status' if TORQUE else 'Exit_status'} = {number if number >= 0 else 256 - number}")
    elif letter == "H" and TORQUE:
        lines.append("Hold_Types = u")
    elif letter == "H":
        lines.append("comment = Job held by alice on Mon Nov 30 12:00:00 2026")
    elif letter == "Q":
        lines.append("comment = Not Running: Insufficient amount of resource: ncpus")
    return "\n    ".join(lines) + "\n"


def qstat(arguments):
    if "--version" in arguments:
        print("Version: 6.1.3" if TORQUE else "pbs_version = 23.06.06", file=sys.stderr if TORQUE else sys.stdout)
        return 0
    if (queue.HOME / "away").exists():
        queue.fail("Connection refused\nqstat: cannot connect to server pbs01 (errno=15010)", 255)
    if "-B" in arguments:
        print("Server: pbs01\n    server_state = Active\n    max_array_size = 10000")
        return 0
    flags = {word[1:] for word in arguments if word.startswith("-")}
    words_ = [word for word in arguments if not word.startswith("-") and word != "json"]
    if "x" in flags and TORQUE:
        jobs = [job for word in words_ for job in find(word)[0] if (queue.HOME / "keep").exists() or not job.ended]
        texts = [
            f"<Job><Job_Id>{shown(job)}</Job_Id><Job_Name>{job.get('name')}</Job_Name>"
            f"<job_state>{state(job)}</job_state>"
            + (f"<exit_status>{job.get('code')}</exit_status>" if job.ended else "")
            + "</Job>"
            for job in jobs
        ]
        print(f"<Data>{''.join(texts)}</Data>")
        return 0
    if "x" in flags and KIND == "pro":
        queue.fail("qstat: PBS is not configured to maintain job history", 36)
    code, lines = 0, []
    if "F" in flags and "json" in arguments:
        if TORQUE:
            queue.fail("usage: qstat [-f] ...", 2)
        jobs = [job for word in words_ for job in find(word)[0] if "x" in flags or not job.ended]
        broken = {"foo": "005"} if (queue.HOME / "broken").exists() else {}
        print(document(broken, jobs[0] if jobs else None))
        return 0
    for word in words_:
        found, whole = find(word)
        over = all(state(job) in "FC" for job in found)
        if not found or (over and "x" not in flags):
            if found and KIND == "history":
                code = 35
                print(
                    f"qstat: {word} Job has finished, use -x or -H to obtain historical job information",
                    file=sys.stderr,
                )
            elif found and TORQUE and (queue.HOME / "keep").exists():
                for job in found:
                    lines.append(record(job) if "f" in flags else row(shown(job), job.get("name"), "C"))
            else:
                code = 153
                print(f"qstat: Unknown Job Id {word}", file=sys.stderr)
            continue
        if "f" in flags:
            lines += [record(job) for job in found]
            continue
        if whole:
            lines.append(row(f"{found[0].number}[].{SERVER}", found[0].get("name"), "B"))
        if not whole or "t" in flags:
            lines += [row(shown(job), job.get("name"), state(job)) for job in found]
    if lines and "f" not in flags:
        print("Job id            Name             User              Time Use S Queue")
        print("----------------  ---------------- ----------------  -------- - -----")
    for line in lines:
        print(line)
    return code


def qdel(arguments):
    code = 0
    if (queue.HOME / "away").exists():
        queue.fail("qdel: cannot connect to server pbs01 (errno=15010)", 255)
    for word in arguments:
        found, _ = find(word)
        live = [job for job in found if not job.ended]
        if not live:
            kept = found and KIND == "history"
            code = 35 if kept else 153
            print(f"qdel: Job has finished {word}" if kept else f"qdel: Unknown Job Id {word}", file=sys.stderr)
        for job in live:
            job.set("deleted", "")
    return code


def qselect(arguments):
    name = arguments[arguments.index("-N") + 1]
    if (queue.HOME / "away").exists():
        queue.fail("qselect: cannot connect to server pbs01 (errno=15010)", 255)
    if "-x" in arguments and KIND != "history":
        queue.fail("qselect: invalid option" if TORQUE else "qselect: PBS is not configured to maintain job history", 2)
    ids = []
    for job in queue.jobs():
        if job.get("name") == name and (not job.ended or "-x" in arguments):
            whole = job.index is not None and not TORQUE
            ids.append(f"{job.number}[].{SERVER}" if whole else shown(job))
    for id_ in dict.fromkeys(ids):
        print(id_)
    return 0


raise SystemExit({"qsub": qsub, "qstat": qstat, "qdel": qdel, "qselect": qselect}[sys.argv[1]](sys.argv[2:]) or 0)
