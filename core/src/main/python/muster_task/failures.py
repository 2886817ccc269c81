"""Failures of tasks that are told by their kind."""

from . import errors

#: Those whose numbers are the same on every system.
SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
    13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
}  # fmt: skip


def fail(message, kind="OPERATION", exit_code=None):
    """Makes a failure. exit_code: of the command, where it has ended with one."""
    return errors.Failure(kind, message, exit_code)


def described(code):
    """Returns an exit code as the JVM shows it, for example exit code 3, or exit code 137 (SIGKILL)."""
    text = "exit code %d" % code
    if not 128 < code <= 128 + 64:
        return text
    return "%s (%s)" % (text, SIGNALS.get(code - 128, "signal %d" % (code - 128)))
