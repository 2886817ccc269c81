"""Makes folders and files that other users of the machine can neither change nor lead elsewhere, as OwnFiles of the JVM does."""

import hashlib
import os
import re
import shutil
import stat

LONGEST_NAME = 100
READABLE = 0o644
SECRET = 0o600


def folder(path, mode=0o755):
    """Makes a folder, with those above it that are not there. One that is there must be no link and belong to the run's user."""
    try:
        os.mkdir(path, mode)
        return path
    except FileNotFoundError:
        folder(os.path.dirname(path))
    except FileExistsError:
        return _taken(path)
    try:
        os.mkdir(path, mode)
    except FileExistsError:  # By another worker, just now.
        _taken(path)
    return path


def _taken(path):
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise OSError("%s is a link or no folder, and may lead elsewhere; delete it" % path)
    # What a file system gives to another user, as one of another machine may do, belongs to that one everywhere.
    if found.st_uid not in (os.geteuid(), os.lstat(os.path.dirname(os.path.abspath(path))).st_uid):
        raise OSError("%s belongs to user number %d, who could change what is written there" % (path, found.st_uid))
    if found.st_mode & 0o022 and found.st_uid == os.geteuid():
        os.chmod(path, stat.S_IMODE(found.st_mode) & ~0o022)
    return path


def empty_folder(path):
    """Makes a folder in one of the run's user, empty: what it had before is deleted, and of a link only the link."""
    parent = os.path.dirname(path)
    try:
        os.mkdir(path, 0o755)
    except FileNotFoundError:
        folder(parent)
        os.mkdir(path, 0o755)
    except FileExistsError:
        _taken(parent)
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            os.unlink(path)
        os.mkdir(path, 0o755)
    return path


def secret_folder(path):
    """Makes a folder that only its owner may look into."""
    folder(path, 0o700)
    os.chmod(path, 0o700)
    return path


def create(path, mode=READABLE, flags=os.O_WRONLY):
    """Makes a new file and returns its descriptor. What has the name is deleted before, and no link is followed."""
    flags |= os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags, mode)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, flags, mode)


def write(path, content, mode=READABLE):
    """Writes bytes to a new file."""
    with os.fdopen(create(path, mode), "wb") as file:
        file.write(content)


def file_name(text):
    """Returns a file name for any text: harmless characters stay, and a hash tells apart what the others made equal."""
    safe = re.sub("[^A-Za-z0-9._-]", "_", text)
    if safe and safe == text and not safe.startswith(".") and len(safe) <= LONGEST_NAME:
        return safe
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return re.sub(r"^\.", "_", safe[: LONGEST_NAME - 9]) + "-" + mark
