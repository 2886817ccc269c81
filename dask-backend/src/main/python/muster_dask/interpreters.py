"""What runs the text of a shell command, as Interpreter of the JVM knows it."""

import re

OPTIONS = {
    "sh": "-c", "dash": "-c", "bash": "-c", "ksh": "-c", "zsh": "-c", "fish": "-c", "python": "-c",
    "perl": "-e", "ruby": "-e", "node": "-e", "Rscript": "-e",
}  # fmt: skip

# Bash calculates values there, and what a value says is then carried out.
CALCULATED = re.compile(
    r"(?<!\$)\(\((?:(?!\)\)).)*\{(?:params|input)\."
    r"|\blet\s[^;\n]*\{(?:params|input)\."
    r"|\[\[(?=(?:(?!\]\]).)*\{(?:params|input)\.)(?:(?!\]\]).)*\s-(?:eq|ne|lt|le|gt|ge|v)\s"
)


def family(name):
    """Returns which of the known ones it is."""
    return re.sub(r"^python[0-9.]*$", "python", name.rpartition("/")[2])


def option(name):
    """Returns what comes before the text; None if it is not known how it takes one."""
    return OPTIONS.get(family(name))


def refusal(name, text, placeholder):
    """Says why a text with a placeholder cannot be run; empty if it can."""
    if family(name) not in ("sh", "dash", "bash"):
        return (
            "the placeholder %s cannot stand in a command for %s, only in one for sh, dash or bash; read a variable such as "
            "MUSTER_FILES_LIST or MUSTER_INPUT_x there, or one of the parameter 'variables', which takes placeholders"
            % (placeholder, name)
        )
    if CALCULATED.search(text):
        return (
            "a placeholder cannot stand where %s calculates, in (( )), let or [[ -eq ]]: a value could run commands there; "
            "compare with [ ], for example [ {params.n} -gt 1 ]" % name
        )
    return ""
