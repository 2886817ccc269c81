"""The functions of the contract for stages that go without some of what they gather."""


def select(ctx):
    if ctx.partition.files[0].startswith("bad"):
        raise ValueError("no events in " + ctx.partition.files[0])
    return ctx.partition.index


def count(Select):
    return Select * 10


def merge(ctx):
    (name,) = ctx.inputs
    missing = ctx.missing_inputs.get(name, [])
    return {
        "values": ctx.inputs[name],
        "partitions": [None if each is None else each.index for each in ctx.input_partitions[name]],
        "missing": [
            [each["task"], None if each["partition"] is None else each["partition"].index, each["dataset"]] for each in missing
        ],
    }
