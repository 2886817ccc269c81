"""Random workflows, and what must come out of them."""

import dataclasses
import json

from soakops import result

SHELL = """
note() {
  printf '{"at": %s, "what": "%s", "task": "%s", "attempt": %s, "worker": "%s", "pid": %s%s}\\n' \\
    "$(date +%s.%N)" "$1" {stage}/{dataset}.{partition} {attempt} {worker} $$ "$2" >>{base_dir}/records/{stage}
}
note begin ''
sleep {params.seconds}
number={input.x}
number=$(((31 * number + SALT + 101 * $MUSTER_PARTITION_INDEX) % 1000003))
note end ", \\"result\\": $number"
echo $number
"""


@dataclasses.dataclass
class Stage:
    """A stage and what it does."""

    name: str
    inputs: list
    salt: int
    scope: str = "partition"
    label: str = None
    shell: bool = False
    seconds: float = 0
    size: int = 0
    fails: bool = False

    def text(self):
        """Returns it as it stands in the file."""
        stage = {"id": self.name, "scope": self.scope, "execution": {"retry": {"max": 3, "backoff": "100ms"}}}
        stage["needs"] = [each.name for each in self.inputs]
        if self.label:
            stage["execution"]["require"] = self.label
        if self.shell:
            command = SHELL.replace("SALT", str(self.salt))
            stage["op"] = "shell"
            stage["params"] = {"command": command, "capture": "json", "seconds": self.seconds}
            stage["from"] = [{"node": self.inputs[0].name, "as": "x"}]
        else:
            stage["op"] = "step"
            stage["params"] = {"salt": self.salt, "seconds": self.seconds, "fails": self.fails, "size": self.size}
            stage["from"] = [each.name for each in self.inputs]
        return stage


class Workflow:
    """A random workflow: chains over the partitions of one or two datasets, with a gather here and there."""

    def __init__(self, random, pools):
        self.datasets = {name: random.randint(2, 14) for name in ("one", "two")[: random.randint(1, 2)]}
        self.stages = []
        previous = wide = None
        for number in range(random.randint(3, 7)):
            stage = Stage("S%d" % number, [], random.randrange(1000))
            stage.label = random.choice(pools)
            stage.seconds = random.choice([0, 0.02, 0.3, 1, 2])
            kind = random.random()
            if previous is None:
                stage.size = random.choice([0, 0, 1600, 1_600_000])
            elif kind < 0.15:
                stage.scope = "global"
                stage.inputs = [previous]
            elif kind < 0.25:
                stage.scope = "dataset"
                stage.inputs = [previous] if previous.scope == "partition" else [wide]
            else:
                stage.inputs = [previous] if previous is wide else random.choice([[previous], [wide, previous], [wide]])
                stage.shell = stage.inputs in ([wide], [previous]) and not stage.inputs[0].size and random.random() < 0.4
                stage.size = 0 if stage.shell else random.choice([0, 0, 0, 160_000])
            if not stage.shell:
                stage.fails = random.random() < 0.2
            self.stages.append(stage)
            previous = stage
            if stage.scope == "partition":
                wide = stage
        gather = Stage("Last", [wide] if previous is wide else [wide, previous], random.randrange(1000), "global")
        self.stages.append(gather)

    def text(self, execution):
        """Returns the file."""
        datasets = [
            {"name": name, "files": ["%s%d" % (name, number) for number in range(count)]}
            for name, count in self.datasets.items()
        ]
        return json.dumps(
            {
                "name": "soak",
                "registry": {"operations": {"step": "soakops:step"}},
                "data": {"datasets": datasets},
                "analysis": {"stages": [stage.text() for stage in self.stages]},
                "execution": execution,
            },
            indent=1,
        )

    def tasks(self, stage):
        """Yields the tasks of a stage: name, dataset and index."""
        for dataset, count in self.datasets.items():
            if stage.scope == "dataset":
                yield "%s/%s" % (stage.name, dataset), dataset, None
            elif stage.scope == "partition":
                for index in range(count):
                    yield "%s/%s.%d" % (stage.name, dataset, index), dataset, index
        if stage.scope == "global":
            yield stage.name, None, None

    def _read(self, stage, dataset, index):
        """Yields the tasks that a task reads."""
        for producer in stage.inputs:
            for name, of, number in self.tasks(producer):
                if (dataset is None or of is None or of == dataset) and (index is None or number is None or number == index):
                    yield name

    def expected(self):
        """Returns the result of every task."""
        results = {}
        for stage in self.stages:
            for name, dataset, index in self.tasks(stage):
                numbers = [results[each] for each in self._read(stage, dataset, index)]
                results[name] = result(stage.salt, index or 0, numbers)
        return results

    def readers(self):
        """Returns, for every task, the tasks that read it."""
        readers = {}
        for stage in self.stages:
            for name, dataset, index in self.tasks(stage):
                readers.setdefault(name, [])
                for each in self._read(stage, dataset, index):
                    readers[each].append(name)
        return readers
