"""Tests of shell commands."""

import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "main/python"
sys.path.insert(0, str(SOURCES))

from muster_task import errors, memorykills, shell

TABLES = pathlib.Path(__file__).parents[4] / "core/src/test/resources/dev/muster/internal/operation"
PLACEHOLDER = re.compile(r"(\{(?:(?:params|input)\.\w+|files|files_list|stage|base_dir)\})")
DATASET = {"name": "d", "files": ["a b.txt", "/abs"]}


def template(text, take="JOINED", quote=""):
    """Compiles a text, whose placeholders stand outside of quotes."""
    parts = []
    for part in PLACEHOLDER.split(text):
        if PLACEHOLDER.fullmatch(part):
            kind, _, name = part[1:-1].partition(".")
            part = {"text": part, "kind": kind, "name": name, "words": None, "take": take, "open": quote, "close": quote}
        if part:
            parts.append(part)
    return parts


def compiled(command, capture=None, outputs=None, stdin=None):
    """Returns a command as the JVM compiles it."""
    text = isinstance(command, str)
    return {
        "interpreter": ["/bin/sh", "-c"] if text else [],
        "script": template(command, "EACH", '"') if text else None,
        "argv": [] if text else [template(word) for word in command],
        "cwd": None, "variables": {}, "stdin": stdin and template(stdin),
        "outputs": {name: template(path) for name, path in (outputs or {}).items()},
        "capture": capture or ("none" if outputs else "text"),
    }  # fmt: skip


class ShellTest(unittest.TestCase):
    """Commands in a folder of their own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_command(self, inputs=None, dataset=DATASET, files=(), **params):
        """Runs a command."""
        details = {
            "stage": "s", "params": {}, "inputs": inputs or {}, "partition": None, "base_dir": self.folder.name,
            "dataset": dataset, "files": files, "attempt": 1, "pool": "p", "worker": "p-0",
        }  # fmt: skip
        return shell.operation({"command": compiled(**params)})(details, self.folder.name)

    def test_every_case_of_the_table(self):
        codes = json.loads((TABLES / "shell-code.json").read_text())
        for case in json.loads((TABLES / "shell-cases.json").read_text()):
            if case["name"] in codes:  # what is refused when it is compiled never comes here
                with self.subTest(case["name"]), tempfile.TemporaryDirectory() as folder:
                    self.check(case, codes[case["name"]], folder)

    def check(self, case, code, folder):
        """Goes by one row of the table, which the operation in Java goes by too."""
        files = ["/data/a b.root", "root://host//c"]
        details = {
            "stage": "Plot", "params": {}, "inputs": case["inputs"], "base_dir": folder, "attempt": 1,
            "partition": {"index": 4, "dataset": "muons", "files": files, "first_event": 10, "events": 5},
            "dataset": {"name": "muons", "files": files}, "pool": "default", "worker": "default-0",
        }  # fmt: skip
        if "error" in case:
            with self.assertRaises(errors.Failure) as raised:
                shell.operation({"command": code})(details, folder)
            self.assertIn(case["error"], str(raised.exception))
            return
        if "result" in case:
            # Compared as text: NaN is not equal to itself.
            self.assertEqual(repr(case["result"]), repr(shell.operation({"command": code})(details, folder)))
        if "text" in case:
            text, _, shown = shell.render(code["script"], shell.Words(details, folder))
            self.assertEqual(case["text"], text)
            self.assertEqual(case.get("shown", shown), shown)

    def test_variables_of_the_stage_win_over_those_of_the_task_and_lose_against_those_of_the_command(self):
        details = {
            "stage": "s", "params": {}, "inputs": {}, "partition": None, "base_dir": self.folder.name,
            "dataset": None, "files": (), "attempt": 1, "pool": "p", "worker": "p-0",
        }  # fmt: skip
        code = compiled(command="echo $MUSTER_STAGE $MUSTER_POOL $MUSTER_WORKER")
        code["variables"] = {"MUSTER_POOL": template("command")}
        variables = {"MUSTER_STAGE": "stage", "MUSTER_POOL": "stage"}
        run = shell.operation({"command": code, "variables": variables})
        self.assertEqual("stage command p-0", run(details, self.folder.name))

    def test_a_command_that_is_killed_is_out_of_memory_where_the_system_says_so(self):
        counters = os.path.join(self.folder.name, "vmstat")
        self.addCleanup(setattr, memorykills, "PROC", memorykills.PROC)
        memorykills.PROC = self.folder.name  # without control groups
        count = "echo 'oom_kill 8' > {base_dir}/vmstat; "
        kill = "kill -KILL $$"
        for command, kind, hint in (
            (kill, "OPERATION", "often because it used too much"),
            (count + kill, "OUT_OF_MEMORY", "the system killed a process for lack of memory meanwhile"),
            (count + "sh -c '" + kill + "'; exit $?", "OUT_OF_MEMORY", "exit code 137"),
            (count + "kill -TERM $$", "OPERATION", "exit code 143 (SIGTERM)"),
            ("rm {base_dir}/vmstat; " + kill, "OPERATION", "something killed it"),
        ):
            with self.subTest(command), self.assertRaises(errors.Failure) as raised:
                pathlib.Path(counters).write_text("pgfault 1\noom_kill 7\nmore 3\n")
                self.run_command(command=command)
            self.assertEqual(kind, raised.exception.kind)
            self.assertIn(hint, str(raised.exception))

    def test_what_is_killed_in_other_control_groups_is_not_counted(self):
        proc, groups = os.path.join(self.folder.name, "proc"), os.path.join(self.folder.name, "groups")
        for name, value in (("PROC", proc), ("GROUPS", groups)):
            self.addCleanup(setattr, memorykills, name, getattr(memorykills, name))
            setattr(memorykills, name, value)
        own = {"memory/job 1/memory.oom_control": 3, "job 2/memory.events": 4}
        for path, kills in own.items():
            os.makedirs(os.path.dirname(os.path.join(groups, path)), exist_ok=True)
            pathlib.Path(groups, path).write_text("under_oom 0\noom_kill %d\n" % kills)
        os.makedirs(proc + "/self")
        pathlib.Path(proc, "vmstat").write_text("pgfault 1\noom_kill 7\n")
        for lines, count in (
            ("9:cpu:/\n4:hugetlb,memory:/job 1\n0::/job 2\n", 3),
            ("0::/job 2\n", 4),
            ("4:memory:/elsewhere\n0::/job 2\n", 7),
            ("0::/../job 2\n", 7),
            ("nonsense\n", 7),
            ("", 7),
        ):
            with self.subTest(lines):
                pathlib.Path(proc, "self/cgroup").write_text(lines)
                self.assertEqual(count, memorykills.count())
                self.assertEqual(7, memorykills.count(container=True))

    def test_values_are_never_read_as_code(self):
        evil = "'; touch evil; echo \"$(touch evil2)\" `touch evil3` '"
        self.assertEqual(evil, self.run_command({"x": evil}, command="echo {input.x}"))
        self.assertEqual(evil, self.run_command({"x": evil}, command="cat", stdin="{input.x}"))
        self.assertEqual([], [name for name in os.listdir(self.folder.name) if name.startswith("evil")])

    def test_lists_are_one_word_each(self):
        self.assertEqual(
            "a b.txt|/abs|".replace("a b", os.path.join(self.folder.name, "a b")),
            self.run_command(command="printf '%s|' {files}"),
        )

    def many(self, count):
        """Returns a dataset whose names of files are long."""
        return {"name": "d", "files": ["/data/%s%d" % ("f" * 140, index) for index in range(count)]}

    def refused(self, expected, inputs=None, dataset=None, **params):
        """Checks that a command is refused, in few words."""
        with self.assertRaises(errors.Failure) as raised:
            self.run_command(inputs, dataset or DATASET, **params)
        self.assertEqual("SERIALIZATION", raised.exception.kind)
        self.assertRegex(str(raised.exception), expected)
        self.assertLess(len(str(raised.exception)), 1000)

    def test_names_of_files_that_do_not_fit_are_in_the_list_alone(self):
        command = 'wc -l <"$MUSTER_FILES_LIST"; echo "$MUSTER_FILES"; cat {files_list} | wc -l'
        listed = os.path.join(self.folder.name, "files.list")
        self.assertEqual("4000\n@%s\n4000" % listed, self.run_command(None, self.many(4000), command=command))
        self.refused("write {files_list}", None, self.many(60000), command="ls {files}")
        self.refused("write {files_list}", None, self.many(60000), command=["ls", "{files}"])

    def test_a_global_stage_has_the_files_of_all_datasets(self):
        self.assertEqual("/x /y\n/x\n/y", self.run_command(None, None, ["/x", "/y"], command="echo {files}; cat {files_list}"))
        self.assertEqual("", self.run_command(None, None, (), command="cat {files_list} $MUSTER_FILES_LIST"))

    def test_large_inputs_travel_by_files(self):
        inputs = {"i%d" % index: "x" * 100_000 for index in range(25)}
        command = 'printf %s "$MUSTER_INPUT_i0" | wc -c; wc -c <"${MUSTER_INPUT_i24#@}"'
        self.assertEqual("100000\n100000", self.run_command(inputs, command=command))
        inputs = {"i%d" % index: "x" * 100_000 for index in range(90)}
        everything = " ".join("{input.%s}" % name for name in inputs)
        self.refused("bytes in all.*stdin or a file", inputs, command="echo " + everything)

    def test_limits_are_bytes(self):
        inputs = {"a": "é" * 100_000}
        self.refused("{input.a} is a text of 200000 bytes", inputs, command="echo {input.a}")
        self.refused("argument 1 has 200001 bytes.*{input.a} stands for 200000", inputs, command=["echo", "x{input.a}"])
        self.assertEqual("200000", self.run_command(inputs, command='wc -c <"${MUSTER_INPUT_a#@}"'))

    def test_a_name_with_a_line_break_is_refused(self):
        self.refused(r"'/a\\nb' has a line break", None, {"name": "d", "files": ["/a\nb"]}, command="true")
        self.refused(r"'/a\\nb' has a line break", {"x": [pathlib.Path("/a\nb")]}, command="true")

    def test_a_list_needs_no_shell(self):
        self.assertEqual("x y $HOME", self.run_command({"x": ["x", "y"]}, command=["echo", "{input.x}", "$HOME"]))

    def test_takes_what_a_command_prints_or_writes(self):
        self.assertEqual(["1", "2"], self.run_command(command="printf '1\\n2\\n'", capture="lines"))
        self.assertEqual({"a": 1}, self.run_command(command="echo '{\"a\": 1}'", capture="json"))
        made = self.run_command(command="echo hi > out.txt", outputs={"file": "out.txt"})
        self.assertEqual({"file": pathlib.Path(self.folder.name) / "out.txt"}, made)

    def test_a_command_that_fails_says_how(self):
        with self.assertRaises(errors.Failure) as raised:
            self.run_command(command="echo oh no >&2; exit 3")
        self.assertIn("exit code 3", str(raised.exception))
        self.assertIn("oh no", str(raised.exception))

    def test_an_output_that_was_not_written_is_told(self):
        with self.assertRaisesRegex(errors.Failure, "did not write the output 'file'"):
            self.run_command(command="true", outputs={"file": "out.txt"})

    def test_a_placeholder_for_nothing_is_told(self):
        with self.assertRaisesRegex(errors.Failure, "nothing for {input.y}"):
            self.run_command({"x": 1}, command="echo {input.y}")


if __name__ == "__main__":
    unittest.main()
