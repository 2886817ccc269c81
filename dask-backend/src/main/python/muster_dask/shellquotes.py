"""Puts references to variables where placeholders stand in a shell command, with the quotes that their place needs."""

import re
import shlex

from muster_task import errors


PLACEHOLDER = re.compile(
    r"(?<!\$)\{(?:(params|input)\.([^{}\s]+)"
    r"|(files|files_list|output_dir|base_dir|stage|partition|dataset|attempt|pool|worker))\}"
)
#: What looks like a placeholder and is none; braces of shells, awk and other languages do not.
NEARLY = re.compile(
    r"(?<!\$)\{\s*(?:(?:params?|parameters?|inputs?)\.[^{}]*|params?|inputs?|files?\.[^{}]*|files\[\d+\]"
    r"|outputdir|output-dir|output\.dir|basedir|base-dir|base\.dir"
    r"|(?:dataset|partition|stage|pool|worker)\.[\w.-]+)\s*\}",
    re.ASCII,
)
HERE = re.compile(r"<<(-?)[ \t]*(['\"\\]?)(\w+)['\"]?")


def fail(message, kind="OPERATION", exit_code=None):
    """Makes a failure. exit_code: of the command, where it has ended with one."""
    return errors.Failure(kind, message, exit_code)


def check_spelling(texts):
    """Refuses texts of a stage in which a part looks like a placeholder and is none."""
    for text in texts:
        for nearly in NEARLY.finditer(text):
            if not PLACEHOLDER.fullmatch(nearly.group()):
                line = 1 + text.count("\n", 0, nearly.start())
                raise fail(
                    "'%s' in line %d of its text is no placeholder that is known; write {params.NAME} or {input.NAME} "
                    "without blanks (give an input with blanks in its name another one with 'as'), {files}, {output_dir}, "
                    "{base_dir}, {stage}, {partition}, {dataset}, {attempt}, {pool} or {worker}" % (nearly.group(), line)
                )


def shown_words(words):
    """Returns words for people, quoted as the JVM quotes them."""
    return " ".join("'%s'" % word.replace("'", "'\\''") if shlex.quote(word) != word else word for word in words)


class Quotes:
    """Walks through a shell command and tells what quotes a place is in."""

    def __init__(self, command):
        self._command = command
        self._at = 0
        self._open = []
        self._here = None
        self._here_start = self._here_end = -1

    def at(self, place):
        """Returns ', ", < (a here-document) or nothing, for a place not before the one asked for last."""
        while self._at < place:
            self._step()
        if self._here is not None and 0 <= self._here_start <= place < self._here_end:
            if self._here.group(2):
                raise fail(
                    "a placeholder cannot stand in a here-document whose end mark is quoted; write <<%s without quotes"
                    % self._here.group(3)
                )
            return "<"
        return self._open[-1] if self._open and self._open[-1] in "'\"" else ""

    def _step(self):
        if self._here_start >= 0:
            self._at += 1
            if self._at >= self._here_end:
                self._here = None
                self._here_start = -1
            return
        c = self._command[self._at]
        innermost = self._open[-1] if self._open else "("
        if innermost == "'":
            if c == "'":
                self._open.pop()
        elif c == "\\":
            self._at += 1
        elif c == '"':
            if innermost == '"':
                self._open.pop()
            else:
                self._open.append(c)
        elif self._command.startswith("$(", self._at):
            self._open.append("(")
            self._at += 1
        elif innermost == "(":
            self._outside(c)
        self._at += 1

    def _outside(self, c):
        if c in "'(":
            self._open.append(c)
        elif c == ")":
            if self._open:
                self._open.pop()
        elif c == "#":
            if self._at == 0 or self._command[self._at - 1] in " \t\n;&|(":
                end = self._command.find("\n", self._at)
                self._at = (len(self._command) if end < 0 else end) - 1
        elif c == "<":
            match = HERE.match(self._command, self._at)
            if self._here is None and match:
                self._here = match
                self._at = match.end() - 1
        elif c == "\n" and self._here is not None and self._here_start < 0:
            tabs = r"\t*" if self._here.group(1) else ""
            end = re.compile("(?m)^" + tabs + re.escape(self._here.group(3)) + "$").search(self._command, self._at + 1)
            self._here_start = self._at + 1
            self._here_end = end.start() if end else len(self._command)


def render(command, words):
    """Returns (text, variables, shown) of a command for sh: placeholders become references to variables."""
    quotes = Quotes(command)
    text, shown, variables, start = [], [], {}, 0
    for match in PLACEHOLDER.finditer(command):
        around = quotes.at(match.start())
        values = words.of(match)
        references = []
        for value in values:
            name = "MUSTER_ARG_%d" % (len(variables) + 1)
            variables[name] = value
            references.append("${%s}" % name)
        text.append(command[start : match.start()])
        shown.append(command[start : match.start()])
        start = match.end()
        if references:
            together = " ".join(references)
            text.append(
                {"": '"%s"' % '" "'.join(references), "'": "'\"%s\"'" % together}.get(around, together)
            )
        shown.append(shown_words(values) if not around else " ".join(values))
    text.append(command[start:])
    shown.append(command[start:])
    return "".join(text), variables, "".join(shown)
