"""Fills the slots of a compiled text for a shell. ShellScript of the JVM does the same."""

import re
import shlex

from .failures import fail

# 18 digits: more do not fit everywhere. A 0 before others would mean another base.
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)


def shown_words(words):
    """Returns words for people, quoted as the JVM quotes them."""
    return " ".join("'%s'" % word.replace("'", "'\\''") if shlex.quote(word) != word else word for word in words)


def render(template, words):
    """Returns (text, variables, shown) of a shell's text: slots become references to variables."""
    text, shown, variables = [], [], {}
    for part in template:
        if isinstance(part, str):
            text.append(part)
            shown.append(part)
            continue
        values = words.of(part)
        check_slot(part, values)
        references = []
        for value in values:
            name = "MUSTER_ARG_%d" % (len(variables) + 1)
            variables[name] = value
            references.append("${%s}" % name)
        if part["take"] == "EACH":
            text.append(" ".join(part["open"] + each + part["close"] for each in references))
            shown.append(shown_words(values))
        else:
            text.append(part["open"] + " ".join(references) + part["close"])
            joined = " ".join(values)
            shown.append(shown_words([joined]) if part["open"] == '"' else joined)
    return "".join(text), variables, "".join(shown)


def check_slot(slot, values):
    """Refuses values that cannot stand where a slot is."""
    if slot["take"] in ("ONE", "NUMBER") and len(values) != 1:
        raise fail("%s stands where the shell takes one word, and is a list of %d" % (slot["text"], len(values)))
    if slot["take"] == "NUMBER" and not NUMBER.fullmatch(values[0]):
        raise fail(
            "%s stands in $(( )) and is no whole number in decimal digits (at most 18, without a 0 or + before them)"
            % slot["text"]
        )
