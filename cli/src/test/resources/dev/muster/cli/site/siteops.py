"""Operations that say where they ran, in files of their own."""

import json
import os
import time


def where(ctx, seconds=0, **inputs):
    """Notes where it ran, and passes a number on."""
    time.sleep(float(seconds))
    note = {
        "stage": ctx.stage,
        "pool": os.environ["MUSTER_POOL"],
        "worker": ctx.worker,
        "partition": None if ctx.partition is None else ctx.partition.index,
        "slurm_partition": os.environ.get("SLURM_JOB_PARTITION"),
        "slot": os.environ.get("_CONDOR_SLOT"),
        "gpus": os.environ.get("CUDA_VISIBLE_DEVICES"),
        "attempt": ctx.attempt,
    }
    index = 0 if ctx.partition is None else ctx.partition.index
    with open(os.path.join(ctx.base_dir, "records", "%s-%d-%d" % (ctx.stage, index, time.time_ns())), "w") as file:
        json.dump(note, file)
    return 1


def grow(ctx, megabytes, **inputs):
    """Takes memory, as much as it is told and only on the pool that has little."""
    if os.environ["MUSTER_POOL"] == "default":
        taken = bytearray(int(megabytes) << 20)
        for page in range(0, len(taken), 4096):
            taken[page] = 1
        time.sleep(60)
    return where(ctx)


def leave(ctx, **inputs):
    """Waits until a file is there."""
    path = os.path.join(ctx.base_dir, "go")
    with open(os.path.join(ctx.base_dir, "waiting"), "w"):
        pass
    end = time.monotonic() + 120
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise TimeoutError("nobody made " + path)
        time.sleep(0.1)
    return where(ctx)


def fail(ctx, **inputs):
    raise ValueError("this analysis fails")
