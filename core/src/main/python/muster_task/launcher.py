"""Starts commands for the process at the other end of its standard streams, and ends all that each leaves behind.

It is a small process of its own: to start a program from it costs little, whatever the size of the process that wants
it started. Processes whose parent has ended become children of this one (PR_SET_CHILD_SUBREAPER), also those in
sessions of their own. So what a command has started is found among the descendants of this process, without a look at
any other process, and a command is over when the kernel says that this process has no children.

A message is a length (4 bytes, big-endian) and fields with a NUL after each. What comes in:

  run number cwd stdin stdout stderr lazy grace_ms measured argc argument... change...
  end number grace_ms       ends the command with that number: asks it to, and kills it after that time

A change is NAME=value, or NAME for a variable that is not there; the other variables are those of this process. Log
files are lazy ("1") or there already. What goes out:

  ready version
  started number pid        of a command with lazy log files only if it runs for a moment; they have names from then on
  failed number what error  nothing was started; what: cwd, stdin, logs or program
  ended number status cpu_us peak stdout stderr left...
                            status as of waitpid; CPU time with that of all that the command has started; the largest
                            memory that one of its processes had in bytes, empty where that is not certain; bytes of
                            both log files; the processes that cannot be ended

When its input ends, it ends what runs, and itself. Needs Linux, and nothing but Python's own library.
"""

import fcntl
import os
import select
import sys
import time
from errno import ENOEXEC

import _signal as signal  # The module 'signal' takes longer to import than all others here.

SUBREAPER = 36
MOMENT_MS = 200
#: How long after SIGKILL a process may be there, and the time between two looks at what is left.
AFTER_KILL = 5.0
LOOK_MS = 20
#: Signals that Python ignores, and that programs must not.
PIPE_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)
ASKING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
TEMPORARY = getattr(os, "O_TMPFILE", None)


class Gone(Exception):
    """The other process is gone."""


class Pipe:
    """The messages."""

    def __init__(self):
        # No command gets these.
        self.incoming, self.outgoing = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.close(null)
        self._data = b""

    def take(self):
        """Returns the fields of a message that has come in whole, or None."""
        if len(self._data) < 4:
            return None
        end = 4 + int.from_bytes(self._data[:4], "big")
        if len(self._data) < end:
            return None
        fields = self._data[4:end].split(b"\0")
        fields.pop()
        self._data = self._data[end:]
        return fields

    def fill(self):
        """Waits for more to come in."""
        data = os.read(self.incoming, 1 << 16)
        if not data:
            raise Gone()
        self._data += data

    def say(self, *fields):
        """Sends a message."""
        body = b"".join(b"%b\0" % (field if isinstance(field, bytes) else str(field).encode()) for field in fields)
        data = len(body).to_bytes(4, "big") + body
        try:
            while data:
                data = data[os.write(self.outgoing, data) :]
        except BrokenPipeError:
            raise Gone() from None


def children(pid):
    """Returns the children of a process."""
    found = []
    try:
        threads = os.listdir("/proc/%d/task" % pid)
    except OSError:
        return found
    for thread in threads:
        try:
            with open("/proc/%d/task/%s/children" % (pid, thread), "rb", 0) as file:
                found += map(int, file.read().split())
        except OSError:
            continue  # It has ended.
    return found


def descendants():
    """Returns the processes below this one."""
    found = []
    new = children(os.getpid())
    while new:
        found += new
        new = [child for pid in new for child in children(pid)]
    return found


def send(pids, number):
    """Sends a signal to processes."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue  # It has ended, or has become another user's.


def own_size():
    """Returns the largest size of this process in bytes, with which the kernel begins to count that of a command."""
    with open("/proc/self/status", "rb") as file:
        for line in file:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    raise OSError("no VmHWM")


class LogFile:
    """A file for what a command prints. A lazy one gets its name when it is known that there is something in it, or
    when the command takes a moment; if nothing is in it, it is used again for the next command.
    """

    def __init__(self):
        self._spare = self._fd = self._path = self._found = None
        self._named = False
        self._flags = 0

    def open(self, path, lazy):
        """Makes it ready for a command, and returns its descriptor."""
        self._path = path
        self._named = True
        if not lazy:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        elif self._take_spare():
            _remove(path)
            self._fd = self._spare
            self._named = False
        else:
            _remove(path)
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        return self._fd

    def _take_spare(self):
        """Sees to a file without a name on the file system of the path; tells whether there can be one."""
        if TEMPORARY is None:
            return False
        folder = os.path.dirname(self._path)
        if self._spare is not None and self._found.st_dev == os.stat(folder).st_dev:
            return True
        self.drop()
        try:
            self._spare = os.open(folder, TEMPORARY | os.O_WRONLY | os.O_CLOEXEC, 0o644)
        except OSError:  # Not every file system has such files.
            return False
        self._found = os.fstat(self._spare)
        self._flags = fcntl.fcntl(self._spare, fcntl.F_GETFL)
        return True

    def name(self):
        """Gives it its name."""
        if not self._named:
            folder = os.open(os.path.dirname(self._path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.link(b"/proc/self/fd/%d" % self._fd, self._path, src_dir_fd=folder, follow_symlinks=True)
            finally:
                os.close(folder)
            self._named = True

    def close(self, lazy):
        """Returns how much was written to it; a lazy file without anything in it has no name afterwards."""
        if self._fd is None:
            return 0
        now = os.fstat(self._fd)
        if now.st_size:
            self.name()
        elif self._named and lazy:
            _remove(self._path)
        if self._fd != self._spare:
            os.close(self._fd)
        elif self._named or now.st_nlink or now.st_mode != self._found.st_mode or self._is_other():
            self.drop()
        self._fd = None
        return now.st_size

    def _is_other(self):
        """Tells whether a command has changed how the next would write to the file. Where that begins is put back."""
        os.lseek(self._spare, 0, os.SEEK_SET)
        return fcntl.fcntl(self._spare, fcntl.F_GETFL) != self._flags

    def drop(self):
        """Closes the file that waits to be used again."""
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None


def _remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


class Failed(Exception):
    """A command was not started. Has what went wrong, and the system's words."""


class Launcher:
    """Carries out what comes in."""

    def __init__(self, pipe):
        self._pipe = pipe
        self._stdout, self._stderr = LogFile(), LogFile()
        self._number = b""
        with open("/proc/self/environ", "rb", 0) as file:  # Python has changed its own, in some locales.
            pairs = (entry.partition(b"=") for entry in file.read().split(b"\0"))
            self._variables = {name: value for name, equals, value in pairs if equals and name}
        # What was ignored before this process began stays so.
        self._defaults = PIPE_SIGNALS + tuple(each for each in ASKING if signal.getsignal(each) != signal.SIG_IGN)
        for each in ASKING:
            signal.signal(each, signal.SIG_IGN)
        self._wake, writing = os.pipe()
        for fd in (self._wake, writing):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(writing)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._poll = select.poll()
        self._poll.register(self._wake, select.POLLIN)
        self._poll.register(pipe.incoming, select.POLLIN)
        self._null = os.open(os.devnull, os.O_RDONLY)

    def serve(self):
        """Carries out what comes in, until nothing does."""
        while True:
            fields = self._pipe.take()
            if fields is None:
                self._pipe.fill()
            elif fields[0] == b"run":  # Else it is about a command that has ended.
                self._run(*fields[1:10], fields[10:])

    def _run(self, number, cwd, stdin, stdout, stderr, lazy, grace_ms, measured, argc, more):
        self._number = number
        count = int(argc)
        variables = dict(self._variables)
        for change in more[count:]:
            name, equals, value = change.partition(b"=")
            if equals:
                variables[name] = value
            else:
                variables.pop(name, None)
        lazy = lazy == b"1"
        try:
            pid = self._start(cwd, stdin, (stdout, stderr), lazy, more[:count], variables)
        except Failed as failure:
            self._stdout.close(True)
            self._stderr.close(True)
            self._pipe.say("failed", number, *failure.args)
            return
        command = Command(self, pid, int(grace_ms) / 1000)
        try:
            if not lazy:
                self.named(pid)
            command.wait(MOMENT_MS if lazy else None)
        finally:
            command.end(0)  # It ended, unless something went wrong.
        left = descendants() if command.stuck else ()
        sizes = self._stdout.close(lazy), self._stderr.close(lazy)
        peak = command.peak if measured == b"1" and command.peak > own_size() else ""
        self._pipe.say("ended", number, command.status, round(command.cpu * 1e6), peak, *sizes, *left)
        if left:
            raise Gone()  # What it starts next would not be alone.

    def _start(self, cwd, stdin, logs, lazy, argv, variables):
        what = "cwd"
        null = None
        try:
            os.chdir(cwd)
            what = "logs"
            out, err = self._stdout.open(logs[0], lazy), self._stderr.open(logs[1], lazy)
            what = "stdin"
            null = os.open(stdin, os.O_RDONLY | os.O_CLOEXEC) if stdin else None
            actions = (
                (os.POSIX_SPAWN_DUP2, self._null if null is None else null, 0),
                (os.POSIX_SPAWN_DUP2, out, 1),
                (os.POSIX_SPAWN_DUP2, err, 2),
            )
            how = {"file_actions": actions, "setsid": True, "setsigmask": (), "setsigdef": self._defaults}
            what = "program"
            try:
                return os.posix_spawn(argv[0], argv, variables, **how)
            except OSError as error:
                if error.errno != ENOEXEC:
                    raise
                # A text without a first line that says what reads it is the shell's.
                return os.posix_spawn(b"/bin/sh", [b"/bin/sh", argv[0], *argv[1:]], variables, **how)
        except OSError as error:
            raise Failed(what, os.strerror(error.errno)) from None
        finally:
            if null is not None:
                os.close(null)
            os.chdir(b"/")

    def named(self, pid):
        """Gives the log files their names, and says that the command runs."""
        self._stdout.name()
        self._stderr.name()
        self._pipe.say("started", self._number, pid)

    def look(self, timeout_ms):
        """Waits until a child has ended or something has come in. Returns after how many seconds the command is to be
        killed, if it is to end.
        """
        for fd, _ in self._poll.poll(timeout_ms):
            if fd == self._wake:
                os.read(fd, 4096)
            else:
                self._pipe.fill()
        fields = self._pipe.take()
        if fields is not None and fields[0] == b"end" and fields[1] == self._number:
            return int(fields[2]) / 1000
        return None


class Command:
    """The command that runs, and what it has started."""

    def __init__(self, launcher, pid, grace):
        self._launcher = launcher
        self._pid = pid
        self._grace = grace
        self._deadline = None
        self._asked = set()
        self._over = False
        self.status = 0
        self.cpu = 0.0
        self.peak = 0
        self.stuck = False

    def wait(self, timeout):
        """Waits for its end. What it has left behind then is ended. timeout: the milliseconds after which it takes a
        moment, or None if that was told.
        """
        moment = time.monotonic() + (timeout or 0) / 1000
        while not self._reap():
            if self._deadline is not None and not self._ask():
                return
            try:
                grace = self._launcher.look(timeout if self._deadline is None else LOOK_MS)
            except Gone:
                self.end(self._grace)
                raise
            if grace is not None:
                self._end_within(grace)
            if timeout is not None and time.monotonic() >= moment and not self._reap():
                self._launcher.named(self._pid)
                timeout = None

    def end(self, grace):
        """Ends it, and what it has started, while nobody listens."""
        self._end_within(grace)
        while not self._reap() and self._ask():
            time.sleep(LOOK_MS / 1000)

    def _end_within(self, grace):
        deadline = time.monotonic() + grace
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline

    def _ask(self):
        """Asks what is there to end, or kills it. Returns false if that is of no use."""
        left = descendants()
        late = time.monotonic() - self._deadline
        if late >= 0:
            send(left, signal.SIGKILL)
        else:
            send([pid for pid in left if pid not in self._asked], signal.SIGTERM)
            self._asked.update(left)
        self.stuck = late > AFTER_KILL
        return not self.stuck

    def _reap(self):
        """Collects what has ended. Returns whether nothing is left. When the first has ended, the others have to end."""
        while not self._over:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self._over = True
                break
            if pid == 0:
                break
            self.cpu += used.ru_utime + used.ru_stime
            self.peak = max(self.peak, used.ru_maxrss * 1024)
            if pid == self._pid:
                self.status = status
                self._end_within(self._grace)
        return self._over


def adopt():
    """Makes this process the parent of those below it whose parent ends."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    os.stat("/proc/self/task/%d/children" % os.getpid())


def main():
    """Serves until standard input ends."""
    pipe = Pipe()
    if os.getsid(0) != os.getpid():
        os.setsid()  # No signal of a terminal or to the group of the other process reaches it.
    adopt()
    launcher = Launcher(pipe)
    os.chdir("/")
    try:
        pipe.say("ready", "%d.%d" % sys.version_info[:2])
        launcher.serve()
    except Gone:
        return


if __name__ == "__main__":
    main()
