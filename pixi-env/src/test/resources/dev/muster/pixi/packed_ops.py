"""Operations of the tests of packed environments."""


def where(ctx, **inputs):
    """Says which Python this is, and what its files say."""
    import distributed
    import os
    import sys

    with open(os.path.join(sys.prefix, "lib", "prefixed.bin"), "rb") as file:
        binary = file.read()
    with open(os.path.join(sys.prefix, "lib", "prefixed.txt"), encoding="utf-8") as file:
        text = file.read()
    return {
        "prefix": sys.prefix,
        "executable": sys.executable,
        "distributed": os.path.dirname(os.path.dirname(distributed.__file__)),
        "conda": os.environ.get("CONDA_PREFIX", ""),
        "script": os.environ.get("FROM_SCRIPT", ""),
        "package": os.environ.get("FROM_PACKAGE", ""),
        "path": sys.path,
        "text": text,
        "binary": binary.rstrip(b"\0").decode("utf-8"),
        "length": len(binary),
    }
