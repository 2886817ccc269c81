"""Stands in for pjsub, pjstat and pjdel of PJM. STANDIN is its folder, STANDIN_PJM is bulk or single (bulk jobs are not
allowed). It prints what the user guides and the programs of others have."""

import os
import re
import shlex
import sys
import time

import standin as queue

KIND = os.environ.get("STANDIN_PJM", "bulk")
GAP = 0.3  # seconds in which a job that has ended is in neither list


def fail(code, program, text, status=1):
    queue.fail(f"[ERR.] PJM {code} {program} {text}", status)


def shown(job):
    return str(job.number) if job.index is None or job.get("single") else f"{job.number}[{job.index}]"


def age(job):
    """Returns for how long a job has been over."""
    try:
        return time.time() - (job.folder / ("code" if job.get("code") is not None else "deleted")).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def state(job):
    if job.ended:
        return "EXT" if job.get("code") is not None and job.get("why") != "deleted" else "CCL"
    if job.get("held") is not None:
        return "HLD"
    return "QUE" if job.get("pid") is None else "RUN"


def pjsub(arguments):
    script = arguments[-1]
    text = open(script).read()
    words = []
    for line in text.splitlines():
        if line.startswith("#PJM "):
            words += shlex.split(line[5:])
    words += arguments[:-1]
    said, resources, variables = {}, {}, {}
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("--bulk", "--norestart", "-X"):
            said[word] = ""
        else:
            at += 1
            value = words[at]
            said[word] = value
            if word == "-L":
                for part in value.split(","):
                    key, _, amount = part.partition("=")
                    resources[key] = amount
            elif word == "-x":
                key, _, amount = value.partition("=")
                variables[key] = amount
        at += 1
    if (queue.HOME / "away").exists():
        fail("0041", "pjsub", "Failed to connect to the job manager: try again.")
    if len(said.get("-N", "").encode()) > 63:
        fail("0014", "pjsub", "Name is too long.")
    if resources.get("rscgrp") == "nope":
        fail("0062", "pjsub", "Resource group nope does not exist.")
    if int(resources.get("node", "1").split("x")[0]) > 24:
        fail("0057", "pjsub", f"node={resources['node']} is greater than the upper limit (24).")
    bulk = "--bulk" in said
    if bulk and KIND == "single":
        fail("0070", "pjsub", "No execute permission: pjsub-bulk.")
    indices = [None]
    if bulk:
        first, _, last = said["--sparam"].partition("-")
        indices = range(int(first), int(last) + 1)
    number = queue.next_number()
    seconds = 0
    for part in (resources.get("elapse") or "").split(":"):
        seconds = seconds * 60 + int(part or 0)

    def own(index):
        found = {"PJM_JOBID": str(number), "PJM_O_WORKDIR": os.getcwd(), **variables}
        if index is not None:
            found["PJM_BULKNUM"] = str(index)
            found["PJM_SUBJOBID"] = f"{number}[{index}]"
        return found

    values = {"name": said.get("-N", "job"), "script": text, "walltime": seconds or "", "signal": "SIGXCPU"}
    queue.submit(number, indices, values, own, False)
    print(number if said.get("-z") == "jid" else f"[INFO] PJM 0000 pjsub Job {number} submitted.")


def find(word, program):
    match = re.fullmatch(r"(\d+)(\[(\d+)\])?", word)
    if not match:
        fail("0211", program, f"Invalid jobid: {word}.")
    return [job for job in queue.jobs(int(match[1])) if match[3] is None or job.index == int(match[3])]


def fields(job):
    code = job.get("code")
    number = int(code) if code is not None else None
    letter = state(job)
    pjm, signal, exit_ = "-", "-", "-"
    if letter == "CCL":
        pjm, signal, exit_ = "1", "-", "-"
    elif letter == "EXT":
        pjm = "11" if job.get("why") == "walltime" else "0"
        exit_ = str(number if number >= 0 else 0)
        signal = str(-number if number < 0 else 0)
    codes = {"ec": exit_, "sn": signal, "pc": pjm}
    reason = "COMPLETED" if letter == "EXT" and exit_ == "0" and pjm == "0" else "-"
    kind = "NM" if job.index is None else "BU"
    return {"jid": shown(job), "jnam": job.get("name"), "jmdl": kind, "st": letter, **codes, "ermsg": reason}


def table(jobs):
    """Prints what pjstat prints without options: of bulk jobs a line for all."""
    print("JOB_ID  JOB_NAME  MD  ST   USER   START_DATE      ELAPSE_LIM  NODE_REQUIRE  VNODE  CORE  V_MEM")
    for job in {job.number: job for job in jobs}.values():
        row = fields(job)
        limit = int(job.get("walltime") or 3600)
        elapse = f"{limit // 3600:04}:{limit // 60 % 60:02}:{limit % 60:02}"
        start, node = job.get("start", "-"), job.get("node", "1")
        head = f"{job.number:<8}{row['jnam']:<10}{row['jmdl']:<4}{row['st']:<5}{'alice':<7}"
        print(f"{head}{start:<16}{elapse:<12}{node:<14}{'-':<7}{'-':<6}-")


def pjstat(arguments):
    if (queue.HOME / "away").exists():
        fail("0231", "pjstat", "Failed to connect to the job manager.")
    arguments = " ".join(arguments).replace("--choose ", "--choose=").split()
    history, both = "-H" in arguments, "-A" in arguments
    ids = [word for word in arguments if not word.startswith("-")]
    words = [word.split("=", 1)[1] for word in arguments if word.startswith("--choose=")]
    if not words:
        table(sorted((job for job in queue.jobs() if not job.ended), key=lambda job: job.number))
        return 0
    chosen = words[0].split(",")
    found = [job for word in ids for job in find(word, "pjstat")] if ids else queue.jobs()
    names = {"jid": "JOB_ID", "jnam": "JOB_NAME", "jmdl": "MD", "ermsg": "REASON"}
    names.update({"st": "ST", "ec": "EC", "sn": "SN", "pc": "PC"})
    widths = {"jid": 11, "st": 4}

    def line(head, values):
        if "--data" in arguments:
            return ",".join([head] + values)
        return "".join(f"{value:<{widths.get(name, 0)}}" for name, value in zip(chosen, values))

    print(line("H", [names[name] for name in chosen]))
    for number in sorted({job.number for job in found}):
        elements = queue.jobs(number)
        over = all(job.ended for job in elements)
        if not both and (over and not history or history and (not over or any(age(job) < GAP for job in elements))):
            continue
        if elements[0].index is not None:
            row = dict(fields(elements[0]), jid=str(number), st="RUN", ec="-", sn="-", pc="-")
            print(line("", [row[name] for name in chosen]))
        if elements[0].index is None or "-E" in arguments:
            for job in found:
                if job.number == number:
                    print(line("", [fields(job)[name] for name in chosen]))
    return 0


def pjdel(arguments):
    if (queue.HOME / "away").exists():
        fail("0131", "pjdel", "Failed to connect to the job manager.")
    code = 0
    for word in arguments:
        live = [job for job in find(word, "pjdel") if not job.ended]
        for job in live:
            job.set("signal", "SIGTERM")
            job.set("deleted", "")
        if live:
            print(f"[INFO] PJM 0100 pjdel Accepted job {word}.")
        else:
            code = 1
            print(f"[ERR.] PJM 0181 pjdel Job {word} does not exist.", file=sys.stderr)
    return code


raise SystemExit({"pjsub": pjsub, "pjstat": pjstat, "pjdel": pjdel}[sys.argv[1]](sys.argv[2:]) or 0)
