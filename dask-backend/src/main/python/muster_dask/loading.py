"""Imports what takes long."""

import gc


def load_distributed():
    """Imports `distributed`; returns it. Raises ImportError.

    Hundreds of modules make many objects and no garbage. It is not looked for meanwhile, and among them never again.
    """
    gc.disable()
    try:
        import distributed

        gc.freeze()
    finally:
        gc.enable()
    return distributed
