"""The operation `shell`, carried out in Python. Its texts come compiled: literal parts and slots, which get the task's values.

A value never becomes part of the text that the shell reads as code: it goes into a variable, and a reference to that takes
the slot's place. ShellScript of the JVM does the same.
"""

import decimal
import math
import os
import pathlib
import re

from . import captured, commands, commandsize, encoding, errors, launching, logtail, memorykills, ownfiles, passing
from . import programs
from .container import Container
from .failures import described, fail
from .slots import render, shown_words

MAX_WORD = commandsize.MAX_TEXT - 255  # A name takes the rest.
MAX_INPUTS = 512 * 1024  # What the variables of all inputs may have in all, in bytes.
MAX_CAPTURE = 16 << 20
MAX_SHOWN = 4000
LEAST_BYTES = 4096
NOT_FOUND = "a program was not found; commands run in the task's folder, {base_dir} is the workflow's"
IMAGE_LACKS = "the image has no such program (a text needs /bin/sh, or what 'shell' says): %s"


def operation(spec):
    """Returns the function for a stage: it takes the task's details and its folder."""
    command = spec["command"]

    def run(details, directory):
        box = Container(spec["container"], details, directory) if spec.get("container") else None
        return Command(command, Words(details, directory), directory, box, spec.get("variables")).run()

    return run


class Words:
    """The values of a task as words of a command."""

    def __init__(self, details, directory):
        self._details = details
        self._directory = directory
        self._files = self._list = None
        self._sizes = {}

    def of(self, slot):
        """Returns the words that take a slot's place."""
        words = self._words(slot)
        for word in words:
            size = commandsize.size(word)
            if size > MAX_WORD:
                raise fail(
                    "%s is a text of %d bytes, too long for a command; let it pass through stdin or a file"
                    % (slot["text"], size),
                    "SERIALIZATION",
                )
        self._count(slot["text"], words)
        return words

    def _count(self, placeholder, words):
        self._sizes[placeholder] = self._sizes.get(placeholder, 0) + sum(map(commandsize.size, words))

    def check_size(self, argv, environment):
        """Refuses a command that the system does not take with these arguments and variables; says which values are the largest."""
        excess = commandsize.excess(argv, environment)
        if not excess:
            return
        placeholder, size = max(self._sizes.items(), key=lambda each: each[1], default=("", 0))
        if size > MAX_WORD // 2:
            excess += "; the placeholder %s stands for %d bytes" % (placeholder, size)
        if size > MAX_WORD // 2 and placeholder == "{files}":
            advice = "write {files_list}, a file with one name a line, in place of {files}"
        else:
            advice = "let large values pass through stdin or a file"
        raise fail("the command is too long to be started: %s; %s" % (excess, advice), "SERIALIZATION")

    def fill(self, template):
        """Returns a text with its values in place as they are."""
        text = []
        for part in template:
            if isinstance(part, dict):
                words = self._words(part)
                self._count(part["text"], words)
                part = "\n".join(words)
            text.append(part)
        return "".join(text)

    def _words(self, slot):
        if slot["words"] is not None:
            return slot["words"]
        if slot["kind"] == "input":
            return self._input(slot["text"], slot["name"], self._details["inputs"])
        if slot["kind"] == "files":
            return self.files()
        return [self.files_list() if slot["kind"] == "files_list" else self.single(slot["kind"])]

    @staticmethod
    def _input(text, name, values):
        found = name
        while found not in values and "." in found:
            found = found.rpartition(".")[0]
        if found not in values:
            raise fail("there is nothing for %s; the stage has %s" % (text, ", ".join(values) or "none"))
        value = values[found]
        steps = name[len(found) + 1 :].split(".") if len(name) > len(found) else []
        if steps and passing.is_named(value) and steps[0] in value:
            value = value[steps.pop(0)]  # Of named outputs, others need not have an encoding.
        value = passing.encoded(value, text)
        for step in steps:
            if not isinstance(value, dict) or step not in value:
                seen = "[%s]" % ", ".join(value) if isinstance(value, dict) else "a single value"
                raise fail("there is nothing for %s: no '%s' in %s" % (text, step, seen))
            value = value[step]
        return words_of(value, text)

    def files(self):
        """Returns the files of the task's partition or dataset, or of all datasets of a global stage."""
        if self._files is None:
            source = self._details["partition"] or self._details["dataset"]
            base = self._details["base_dir"]
            self._files = [
                name if "://" in name or name.startswith("/") else os.path.normpath(os.path.join(base, name))
                for name in (source["files"] if source else self._details.get("files", ()))
            ]
            for name in self._files:
                check_lines(name)
        return self._files

    def files_list(self):
        """Returns the file with the names of the task's files, one a line; an empty one if it has none."""
        if not self.files():
            return os.devnull
        if self._list is None:
            self._list = self._write("files.list", "\n".join(self.files()) + "\n")
        return self._list

    def _write(self, name, text):
        path = os.path.join(self._directory, name)
        ownfiles.write(path, text.encode("utf-8", "surrogateescape"))
        return path

    def single(self, kind):
        """Returns one of the plain placeholders."""
        details = self._details
        if kind == "output_dir":
            return self._directory
        if kind == "partition":
            return str(details["partition"]["index"]) if details["partition"] else ""
        if kind == "dataset":
            return details["dataset"]["name"] if details["dataset"] else ""
        return str(details[kind])

    def variables(self):
        """Returns the variables that every command finds."""
        details = self._details
        found = {
            "MUSTER_" + name.upper(): self.single(name)
            for name in ("stage", "output_dir", "base_dir", "attempt", "pool", "worker")
        }
        for name in ("nodes", "ranks"):
            found["MUSTER_" + name.upper()] = str(details.get(name, 1))
        if details["dataset"]:
            found["MUSTER_DATASET"] = details["dataset"]["name"]
        partition = details["partition"]
        if partition:
            found["MUSTER_PARTITION_INDEX"] = str(partition["index"])
            found["MUSTER_FIRST_EVENT"] = str(partition["first_event"])
            found["MUSTER_EVENTS"] = str(partition["events"])
        lines = "\n".join(self.files())
        found["MUSTER_FILES_LIST"] = self.files_list()
        found["MUSTER_FILES"] = lines if commandsize.size(lines) <= MAX_WORD else "@" + found["MUSTER_FILES_LIST"]
        if "missing_inputs" in details:
            found["MUSTER_MISSING"] = self._missing(details["missing_inputs"])
        used = 0
        for name, value in details["inputs"].items():
            try:
                value = passing.encoded(value, name)
                text = "\n".join(words_of(value, name))
            except errors.Failure:
                continue  # It has no text.
            for item in value if isinstance(value, list) else ():
                if isinstance(item, pathlib.PurePath):
                    check_lines(str(item))
            variable = "MUSTER_INPUT_" + re.sub(r"\W", "_", name, flags=re.ASCII)
            size = commandsize.size(text)
            if size <= MAX_WORD and used + size <= MAX_INPUTS:
                used += size
                found[variable] = text
            else:
                found[variable] = "@" + self._write(variable, text)
        return found


    def _missing(self, missing):
        """Returns the names of the tasks whose outputs are missing, one a line."""
        names = dict.fromkeys(each["task"].replace("\n", "\\n") for items in missing.values() for each in items)
        lines = "\n".join(names)
        return lines if commandsize.size(lines) <= MAX_WORD else "@" + self._write("MUSTER_MISSING", lines)


def check_lines(name):
    """Refuses a name of a file that a list with one name a line cannot hold."""
    if "\n" in name:
        raise fail(
            "the name of the file '%s' has a line break, and lists of files have one name a line; rename the file"
            % name.replace("\n", "\\n"),
            "SERIALIZATION",
        )


def brief(command):
    """Returns a command as messages show it."""
    return command if len(command) <= MAX_SHOWN else "%s... (%d characters)" % (command[:MAX_SHOWN], len(command))


def words_of(value, what):
    """Returns a value as words: a list is one word for each item."""
    return [word_of(item, what) for item in value] if isinstance(value, list) else [word_of(value, what)]


def word_of(value, what):
    if value is None:
        word = ""
    elif isinstance(value, bool):
        word = "true" if value else "false"
    elif isinstance(value, float):
        word = number(value)
    elif isinstance(value, (str, int)):
        word = str(value)
    elif isinstance(value, pathlib.PurePath):
        word = os.path.abspath(str(value))
    elif isinstance(value, bytes) or encoding.is_array(value):
        kind = "an array" if encoding.is_array(value) else "bytes"
        raise fail(
            "%s is %s, which a command cannot take as a word; write them to a file and pass that" % (what, kind), "SERIALIZATION"
        )
    else:
        word = encoding.dump_outside(value, what)
    if "\0" in word:
        raise fail(what + " holds a NUL character, which a command cannot take", "SERIALIZATION")
    return word


def number(value):
    """Returns a number as the JVM writes it, so that a command sees the same wherever it runs."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, digits))
    return "%s%s.%sE%d" % ("-" if sign else "", digits[0], digits[1:] or "0", len(digits) - 1 + exponent)


class Command:
    """One command of one task."""

    def __init__(self, command, words, directory, container=None, stage_variables=None):
        self._command = command
        self._words = words
        self._directory = directory
        self._container = container
        self._stage_variables = stage_variables or {}
        self._stdout = os.path.join(directory, "stdout")
        self._stderr = os.path.join(directory, "stderr")
        self._printed = 0

    def run(self):
        """Runs it and returns the output."""
        command, words = self._command, self._words
        base = words.single("base_dir")
        cwd = os.path.join(base, words.fill(command["cwd"])) if command["cwd"] else self._directory
        # A container has nothing of the process.
        variables = dict({} if self._container else os.environ, **words.variables())
        variables.update(self._stage_variables)
        for name, value in command["variables"].items():
            variables[name] = words.fill(value)
        if command["script"] is not None:
            text, more, shown = render(command["script"], words)
            argv = [*command["interpreter"], text]
            variables.update(more)
        else:
            argv = []
            for item in command["argv"]:
                alone = len(item) == 1 and isinstance(item[0], dict)
                argv.extend(words.of(item[0]) if alone else [words.fill(item)])
            words.check_size(argv, variables)
            shown = shown_words(argv)
        shown = brief(shown)
        self._check_program(argv, cwd, variables, shown)
        outputs = {name: os.path.join(self._directory, words.fill(path)) for name, path in command["outputs"].items()}
        words.check_size(argv, variables)
        if self._container:
            argv, variables = self._container.wrap(argv, cwd, variables, words.files(), outputs.values())
            words.check_size(argv, variables)
        self._execute(argv, cwd, variables, shown)
        return self._result(outputs, shown)

    def _check_program(self, argv, cwd, variables, shown):
        if not self._container:
            program, why = programs.find(argv[0], variables.get("PATH"), cwd)
            if program is None:
                raise fail("the program of the command %s: %s\nin %s" % (why, shown, cwd))
            argv[0] = program

    def _execute(self, argv, cwd, variables, shown):
        kills = memorykills.count(bool(self._container))
        ended = False
        try:
            process = self._run(argv, cwd, variables)
            ended = not process.killed  # Else the runtime is gone, and its container may not be.
        except launching.Lost as lost:
            text = "the command was ended: %s: %s\nin %s%s" % (lost, shown, cwd, self._tail())
            raise fail(text, "WORKER_LOST") from None
        except OSError as error:
            hint = "" if os.path.isdir(cwd) else " (there is no such folder)"
            raise fail("the command cannot be started: %s\nin %s%s: %s" % (shown, cwd, hint, error)) from None
        finally:
            if self._container and not ended:
                self._container.remove()
        self._printed = process.stdout
        code = process.returncode
        if code:
            if self._container and self._container.failed_to_start(code, self._stderr):
                raise fail(
                    "the container was not started: %s\nfor: %s%s" % (self._container, shown, self._tail()), "ENVIRONMENT"
                )
            kind, hint = memorykills.verdict(code, kills, bool(self._container))
            if code == 127:
                hint = "\n127 usually means that " + (IMAGE_LACKS % self._container if self._container else NOT_FOUND)
            text = "the command failed with %s: %s\nin %s%s%s" % (described(code), shown, cwd, hint, self._tail())
            raise fail(text, kind, exit_code=code)

    def _run(self, argv, cwd, variables):
        stdin = self._stdin()
        logs = self._stdout, self._stderr
        marks = self._container.marks() if self._container else {}
        if marks.get("marked", True):
            return commands.launch(argv, cwd, variables, stdin, logs, **marks)
        return commands.launch_unmarked(argv, cwd, variables, stdin, logs)

    def _stdin(self):
        text = self._command["stdin"]
        if text is None:
            return None
        path = os.path.join(self._directory, "stdin")
        ownfiles.write(path, self._words.fill(text).encode())
        return path

    def _tail(self):
        return logtail.section("stderr", self._stderr) + logtail.section("stdout", self._stdout) + self._full()

    def _full(self):
        """Says that the disk is full, and what was printed may be incomplete; empty where it is not."""
        disk = os.statvfs(self._directory)
        if not disk.f_blocks or disk.f_bavail * disk.f_frsize >= LEAST_BYTES:
            return ""
        return "\n%s: No space left on device; free some space there (df -h), or use another folder" % self._directory

    def _result(self, outputs, shown):
        capture = self._command["capture"]
        if not outputs:
            return self._captured(capture, shown)
        result = {}
        if capture != "none":
            result["stdout"] = self._captured(capture, shown)
        for name, path in outputs.items():
            if not os.path.exists(path):
                raise fail(
                    "the command succeeded but did not write the output '%s', %s: %s%s" % (name, path, shown, self._tail())
                )
            result[name] = pathlib.Path(path)
        return result

    def _captured(self, capture, shown):
        if capture == "none":
            return None
        if self._full():
            raise fail("what the command printed may be incomplete: %s%s" % (shown, self._full()))
        size = self._printed
        if size > MAX_CAPTURE:
            raise fail(
                "the command printed %d bytes, too much for a value (%d); let it write a file and name that in 'outputs', "
                "or set capture to none: %s" % (size, MAX_CAPTURE, shown),
                "SERIALIZATION",
            )
        data = pathlib.Path(self._stdout).read_bytes() if size else b""
        text = data.decode("utf-8", "replace")
        if capture == "lines":
            lines = re.split(r"\r\n|\n|\r", text)
            return lines if lines[-1] else lines[:-1]
        if capture == "json":
            try:
                return captured.read(data)
            except ValueError as error:
                raise fail("the command did not print JSON: %s: %s%s" % (error, shown, self._tail()), "SERIALIZATION") from None
        return text.rstrip("\r\n")
