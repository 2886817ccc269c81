"""Functions that return a value of each type: what the built-in modifiers say of them."""


def nothing():
    """Returns nothing."""


def boolean():
    """Returns a truth value."""
    return True


def number():
    """Returns a number."""
    return 1.5


def text():
    """Returns a text of two bytes."""
    return "\u00e9"


def some_bytes():
    """Returns bytes."""
    return b"abc"


def a_list():
    """Returns a list."""
    return [1, [2, 3]]


def mapping():
    """Returns a mapping."""
    return {"a": {"b": 1}}


def file(ctx):
    """Returns a file."""
    path = ctx.output_dir / "a file"
    path.write_text("1234")
    return path


def reads():
    """Takes nothing."""
    return 1
