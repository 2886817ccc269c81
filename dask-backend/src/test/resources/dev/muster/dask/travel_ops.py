"""Operations of tests whose workers see nothing of the submit host."""

import hashlib
import os
import pathlib
import signal
import time


def sees(ctx, paths):
    """Says which of these paths it sees."""
    return [path for path in paths if os.path.exists(path) and os.listdir(path)]


def make(ctx, size=1000, **inputs):
    """Writes a file of its own and returns it, with its digest."""
    path = ctx.output_dir / "made.bin"
    content = hashlib.sha256(str(ctx.partition and ctx.partition.index).encode()).digest()
    with open(path, "wb") as file:
        for _ in range(int(size) // len(content)):
            file.write(content)
    return {"file": path, "sum": digest(path), "worker": ctx.worker, "pid": os.getpid()}


def digest(path):
    made = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            made.update(piece)
    return made.hexdigest()


def check(ctx, **inputs):
    """Reads the files that the stage `make` has made."""
    value = inputs["make"]
    for each in value if isinstance(value, list) else [value]:
        assert isinstance(each["file"], pathlib.Path), each
        assert digest(each["file"]) == each["sum"], each
    return len(value) if isinstance(value, list) else {"made": value["worker"], "read": ctx.worker}




def folder(ctx):
    """Returns a folder with two files."""
    made = ctx.output_dir / "many"
    (made / "below").mkdir(parents=True)
    (made / "one").write_text("1")
    (made / "below" / "two").write_text("2")
    return made


def content(path):
    """Reads one line of a file that a stage elsewhere made."""
    return pathlib.Path(path).read_text()


def read_given(ctx, **inputs):
    (path,) = inputs.values()
    return path.read_text()


def read_data(ctx):
    """Reads the files of its partition, by the names that the workflow gives them."""
    return "".join(pathlib.Path(name).read_text() for name in ctx.partition.files)


def large(megabytes):
    return bytes(int(megabytes) * 1_000_000)


def die(ctx, limit=1):
    """Kills its worker, as often as the run's counter says."""
    if ctx.attempt <= int(limit):
        os.kill(os.getpid(), signal.SIGKILL)
    return ctx.attempt


def one(ctx, **inputs):
    return 1


def wait_for(ctx, name, old, seconds=60):
    """Waits until a credential has another content; returns what is known of the file, not what it holds."""
    path = os.environ[name]
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        with open(path) as file:
            seen = hashlib.sha256(file.read().encode()).hexdigest()
        if seen != old:
            return {"seen": seen, "mode": oct(os.stat(path).st_mode & 0o777), "path": path}
        ctx.log("not yet")
        time.sleep(0.1)
    raise RuntimeError("the credential was not renewed")


def imported(ctx, module):
    """Returns what a module of the user's says, and where it was found."""
    import importlib

    found = importlib.import_module(module)
    return [found.answer(), found.__file__]
