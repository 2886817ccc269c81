"""Tests of outputs that are held for their readers: nobody changes what another reads."""

import collections
import ctypes
import json
import os
import pickle
import sys
import threading
import unittest
import weakref

import held_ops
from one_runtime import OneRuntime, code

from muster_task import errors

from muster_dask.held import SMALL, Held, Taken, copied, hold, own
from muster_dask.values import GIVEN, OWN

try:
    import numpy
except ImportError:
    numpy = None


def sent(held):
    """Returns what is held as it arrives at another worker."""
    buffers = []
    data = pickle.dumps(held, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=[bytearray(each.raw()) for each in buffers])


def both(value):
    """Returns what a reader gets at the same worker, and at another."""
    held = hold([value])
    return own(held.find(None), False), own(sent(held).find(None), True)


class HeldTest(unittest.TestCase):
    """What is held, and what readers get."""

    def test_what_nobody_can_change_is_held_as_it_is(self):
        for value in (None, True, 1, 2.5, 1j, "text", b"bytes"):
            self.assertIs(value, hold([value]))

    def test_plain_values_are_the_same_for_each_reader_and_have_nothing_in_common(self):
        value = {"list": [1, [2, (3, [4])]], "bytes": bytearray(b"x"), "map": {"a": {1: "one"}}}
        held = hold([value])
        value["list"][1].append("later")
        value["map"]["a"][2] = "later"
        expected = {"list": [1, [2, (3, [4])]], "bytes": bytearray(b"x"), "map": {"a": {1: "one"}}}
        first = own(held.find(None), False)
        self.assertEqual(expected, first)
        first["list"][1][1][1].append("spoilt")
        first["bytes"].append(1)
        self.assertEqual(expected, own(held.find(None), False))
        self.assertEqual(expected, own(sent(held).find(None), True))

    def test_a_list_that_is_there_twice_is_there_as_one(self):
        row = [0]
        for found in both([row, row, (row,)]):
            found[0][0] = 1
            self.assertEqual([[1], [1], ([1],)], found)
        self.assertEqual([0], row)

    def test_what_is_there_very_often_takes_no_longer(self):
        value = []
        for _ in range(100):
            value = [value, value]
        for found in both(value):
            self.assertIs(found[0], found[1])

    def test_a_tuple_is_copied_only_for_what_can_be_changed_in_it(self):
        fixed = (1, "two")
        self.assertIs(fixed, copied(fixed))
        self.assertIsNot(copied(([],))[0], copied(([],))[0])

    def test_other_types_keep_their_type_and_what_refers_to_what(self):
        one, two = held_ops.Node("one"), held_ops.Node("two")
        one.next, two.next = two, one
        values = [one, two, {3}, collections.OrderedDict(a=1), held_ops.Row([1])]
        held = hold([values])
        one.name = "later"
        found = own(held.find(None), False)
        self.assertEqual(["one", "two"], [each.name for each in found[:2]])
        self.assertIs(found[1], found[0].next)
        self.assertIs(found[0], found[1].next)
        self.assertEqual([set, collections.OrderedDict, held_ops.Row], [type(each) for each in found[2:]])
        found[0].name = "spoilt"
        found[2].add(4)
        again = own(sent(held).find(None), True)
        self.assertEqual(["one", {3}], [again[0].name, again[2]])

    def test_what_holds_itself_stays_so(self):
        value = [1]
        value.append(value)
        for found in both(value):
            self.assertIs(found, found[1])

    def test_what_is_nested_deep_is_held_or_refused(self):
        value = []
        for _ in range(300):
            value = [value]
        for found in both(value):
            self.assertEqual(1, len(found))
        for _ in range(100_000):
            value = [value]
        text = "output is nested too deep, which cannot be passed on: (RecursionError|PicklingError)"
        with self.assertRaisesRegex(errors.Failure, text):
            hold([value])
        while value:  # At once it would be too deep to be freed.
            value = value[0]

    def test_what_cannot_be_made_again_is_told(self):
        held = hold([Refusing()])
        with self.assertRaisesRegex(errors.Failure, "an input cannot be unpickled: ValueError: no more"):
            own(held.find(None), False)

    def test_a_named_output_is_taken_and_put_back_alone(self):
        held = hold([{"one": [1], "two": {2}}], named=True)
        other = sent(held)
        found = held.take("one")
        self.assertEqual([1], own(found, True))
        self.assertIs(Taken, type(held.find("one")))
        self.assertIs(Taken, type(sent(held).find("one")))
        self.assertEqual({2}, own(held.find("two"), True))
        self.assertEqual([1], own(other.find("one"), False))
        held.put_back("one", found)
        self.assertEqual([1], own(held.find("one"), False))

    def test_named_outputs_have_nothing_in_common(self):
        node, row = held_ops.Node("n"), []
        value = {"one": [node], "two": node, "three": row, "four": row}
        held = hold([value], named=True)
        own(held.find("three"), True).append(1)
        self.assertEqual([], own(held.find("four"), True))
        self.assertIsNot(own(held.find("one"), True)[0], own(held.find("two"), True))
        for found in both(value):
            self.assertIsNot(found["one"][0], found["two"])
            self.assertIsNot(found["three"], found["four"])

    def test_memory_that_is_held_is_counted(self):
        self.assertGreater(sys.getsizeof(hold([["x" * 10_000]])), 10_000)
        self.assertGreater(sys.getsizeof(hold([{b"x" * 10_000}])), 10_000)


class Refusing:
    """An object that can be pickled, and not made again."""

    def __reduce__(self):
        return refuse, ()


class Struct:
    """Something that numpy makes an array of."""

    def __init__(self, struct):
        self.__array_struct__ = struct


def refuse():
    raise ValueError("no more")


@unittest.skipIf(numpy is None, "there is no numpy")
class ArrayTest(unittest.TestCase):
    """Arrays, which are copied only where that is needed."""

    def setUp(self):
        self.kept = None

    def array(self):
        """Returns an array that is worth a look."""
        return numpy.arange(SMALL, dtype="float64")

    def keep(self):
        """Returns an array that it holds on to."""
        self.kept = self.array()
        return self.kept

    @staticmethod
    def address(array):
        return array.__array_interface__["data"][0]

    def test_an_array_that_nothing_else_refers_to_is_the_output_itself(self):
        for make in (self.array, lambda: self.array().reshape(2, -1), lambda: self.array()[:]):
            place = [make()]
            address = self.address(place[0])
            self.assertEqual(address, self.address(own(hold(place).take(None), True)))
            place = [{"one": [make()]}]
            address = self.address(place[0]["one"][0])
            self.assertEqual(address, self.address(own(hold(place).take(None), True)["one"][0]))
            place = [{"one": make()}]
            address = self.address(place[0]["one"])
            self.assertEqual(address, self.address(own(hold(place, named=True).take("one"), True)))

    def test_an_array_that_something_refers_to_is_copied(self):
        inside = [self.array()]
        cases = {
            "itself": lambda: self.keep(),
            "part": lambda: self.keep()[: SMALL // 2],
            "whole": lambda: self.keep()[:],
            "base of a part": lambda: self.keep().reshape(2, -1).T,
            "in a list that is kept": lambda: inside,
            "twice": lambda: [self.keep(), self.kept.reshape(2, -1)],
            "of bytes": lambda: numpy.frombuffer(bytes(SMALL * 8)),
            "of a view of it": lambda: numpy.frombuffer(memoryview(self.keep())),
            "a part of one that is larger": lambda: self.array()[: SMALL // 2],
        }
        for name, make in cases.items():
            with self.subTest(name):
                place = [make()]
                arrays = [place[0]] if isinstance(place[0], numpy.ndarray) else place[0]
                addresses = {self.address(each) for each in arrays}
                del arrays
                found = own(hold(place).take(None), True)
                found = [found] if isinstance(found, numpy.ndarray) else found
                self.assertEqual(len(found), len({self.address(each) for each in found} - addresses))

    def test_an_array_whose_memory_is_reached_without_it_is_copied(self):
        ways = {
            "a part": lambda array: array[1:],
            "a transposed part": lambda array: array.reshape(2, -1).T,
            "strides": numpy.lib.stride_tricks.as_strided,
            "a view of bytes": memoryview,
            "its data": lambda array: array.data,
            "ctypes": lambda array: array.ctypes,
            "a pointer": lambda array: array.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            "an array of a pointer": lambda array: numpy.ctypeslib.as_array(
                array.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), array.shape
            ),
            "a C structure": lambda array: (ctypes.c_double * 1).from_buffer(array),
            "__array_struct__": lambda array: array.__array_struct__,
            "an array of __array_struct__": lambda array: numpy.asarray(Struct(array.__array_struct__)),
            "DLPack": lambda array: array.__dlpack__(),
            "a bound method": lambda array: array.fill,
            "an iterator": lambda array: array.flat,
        }
        for name, way in ways.items():
            with self.subTest(name):
                if name == "DLPack" and not hasattr(numpy.ndarray, "__dlpack__"):
                    self.skipTest("this numpy has none")
                place = [self.array()]
                address = self.address(place[0])
                self.kept = way(place[0])
                self.assertNotEqual(address, self.address(own(hold(place).take(None), True)))
                self.kept = None

    def test_an_array_that_is_known_weakly_is_copied(self):
        place = [self.array()]
        known = weakref.ref(place[0])
        self.assertIsNot(known(), own(hold(place).take(None), True))

    def test_each_reader_has_an_array_that_it_can_change(self):
        fixed = self.array()
        fixed.flags.writeable = False
        for value in (self.array(), numpy.arange(3.0), fixed, numpy.frombuffer(bytes(80)), self.array()[::2]):
            held = hold([value])
            for found in (own(held.find(None), False), own(sent(held).find(None), True), own(held.find(None), True)):
                numpy.testing.assert_array_equal(value, found)
                found[0] = 9
        self.assertEqual(0, fixed[0])

    def test_arrays_in_other_objects_are_their_own_too(self):
        node = held_ops.Node(self.array())
        held = hold([node])
        node.name[0] = 5
        first = own(held.find(None), False)
        first.name[0] = 9
        for found in (own(held.find(None), False), own(sent(held).find(None), True), own(held.find(None), True)):
            self.assertEqual(0, found.name[0])
            found.name[0] = 1

    def test_arrays_of_objects_are_pickled(self):
        value = numpy.array([[1], {2: 3}, None], dtype=object)
        held = hold([value])
        own(held.find(None), False)[0].append(4)
        value[1][5] = 6
        self.assertEqual([[1], {2: 3}, None], own(held.find(None), False).tolist())

    def test_scalars_are_held_as_they_are(self):
        for value in (numpy.float32(1), numpy.int64(2), numpy.bool_(True), numpy.datetime64("2026-01-01")):
            self.assertIs(value, hold([value]))
        record = numpy.zeros(1, dtype=[("a", "i4")])[0]
        held = hold([record])
        record["a"] = 5
        self.assertEqual(0, own(held.find(None), False)["a"])


class ReaderTest(OneRuntime):
    """Tasks that change what they read, or what they have returned."""

    def setUp(self):
        super().setUp()
        del held_ops.RETURNED[:]
        held_ops.ROWS[:] = [[]]

    def reader(self, name, take=False, **more):
        """Returns a stage that reads one output."""
        return code("held_ops:" + name, inputs=[["item", None, 0, take, False]], **more)

    def ended(self):
        """Returns all reports so far."""
        self.runtime.reporter.flush()
        return super().ended()

    def told(self):
        """Returns what tasks have returned, by number."""
        return {item[1]: json.loads(item[5]) for item in self.ended() if item[0] == "o" and len(item) > 5}

    def test_two_readers_in_one_process(self):
        stages = {0: code("held_ops:make", args=[["given"]]), 1: self.reader("spoil"), 2: self.reader("look")}
        read = [("one", OWN, 0)]
        self.carry_out(stages, [self.call(0), self.call(1, 1, read), self.call(2, 2, read)])
        self.assertEqual({0: ["given"], 1: ["given", "spoilt"], 2: ["given"]}, self.told())

    def test_two_readers_in_two_groups_and_another_attempt(self):
        kept = self.carry_out({0: code("held_ops:make", args=[["given"]])}, [self.call(0, keep=True)])
        two = code("held_ops:look", inputs=[["item", None, 0, False, False], ["more", None, 0, False, False]])
        stages = {1: self.reader("spoil"), 2: two}
        for attempt in (1, 2):
            del self.reports[:]
            self.carry_out(stages, [self.call(1, 1, [("one", 0, 0)], attempt=attempt)], [kept])
            self.assertEqual({1: ["given", "spoilt"]}, self.told())
        del self.reports[:]
        self.carry_out(stages, [self.call(2, 2, [("one", 0, 0), ("many", [(0, 0), (0, 0)], [None, None])])], [kept])
        self.assertEqual({2: ["given"]}, self.told())

    def test_two_inputs_that_read_the_same(self):
        kept = self.carry_out({0: code("held_ops:make", args=[[1]])}, [self.call(0, keep=True)])
        stages = {1: code("test_held:spoil_one", inputs=[["a", None, 0, False, False], ["b", None, 1, False, False]])}
        for source in ([("one", 0, 0)] * 2, [("one", GIVEN, "[1]")] * 2):
            del self.reports[:]
            self.carry_out(stages, [self.call(1, 1, source)], [kept])
            self.assertEqual({1: [[1, "spoilt"], [1]]}, self.told())

    def test_what_a_function_holds_on_to_is_not_changed_for_its_readers(self):
        for name, expected in (("hoard", [[0], [0, 1], [0, 1, 2]]), ("hoard_inside", [[[0]], [[0, 1]], [[0, 1, 2]]])):
            stages = {0: code("held_ops:" + name), 1: self.reader("look"), 2: self.reader("look", take=True)}
            kept = self.carry_out(stages, [self.call(task, keep=True) for task in range(3)])
            for stage in (1, 2):
                del self.reports[:]
                calls = [self.call(3 + task, stage, [("one", 0, task)]) for task in range(3)]
                self.carry_out(stages, calls, [kept])
                self.assertEqual(expected, list(self.told().values()))

    def test_an_object_that_a_function_holds_on_to(self):
        stages = {0: code("held_ops:hoard_object", fetch=False), 1: self.reader("name_of")}
        calls = [self.call(task) for task in range(3)]
        self.carry_out(stages, calls + [self.call(3 + task, 1, [("one", OWN, task)]) for task in range(3)])
        self.assertEqual({3: "x", 4: "xx", 5: "xxx"}, self.told())

    def test_what_a_task_is_given_along_a_chain_is_its_own(self):
        stages = {0: code("held_ops:hoard"), 1: self.reader("spoil_held", take=True)}
        self.carry_out(stages, [self.call(0), self.call(1, 1, [("one", OWN, 0)])])
        self.assertEqual({0: [0], 1: [0]}, self.told())

    def test_the_only_reader_takes_the_output_and_who_comes_later_is_told(self):
        kept = self.carry_out({0: code("held_ops:make", args=[["given"]])}, [self.call(0, keep=True)])
        stages = {1: self.reader("spoil", take=True), 2: self.reader("look")}
        value = kept[0].find(None)
        read = [("one", 0, 0)]
        self.carry_out(stages, [self.call(1, 1, read)], [kept])
        self.assertEqual({0: ["given"], 1: ["given", "spoilt"]}, self.told())
        self.assertEqual(["given", "spoilt"], value)
        del self.reports[:]
        calls = [self.call(1, 1, read), self.call(2, 2, [("one", OWN, 1)])]
        self.carry_out(stages, calls, [kept])
        self.assertEqual([["u", 1, 1, [0], 7], ["u", 2, 1, [1, 0], 7]], self.ended())

    def test_a_task_that_cannot_run_takes_nothing(self):
        make = {0: code("held_ops:make", args=[["given"]])}
        kept = self.carry_out(make, [self.call(task, keep=True) for task in range(3)])
        three = code("held_ops:look", inputs=[[name, None, place, True, False] for place, name in enumerate("abc")])
        sources = [("one", 0, 0), ("many", [(0, 1), (0, 8), (0, 2)], [None] * 3), ("one", 0, 9)]
        self.carry_out({1: three}, [self.call(3, 1, sources)], [kept])
        self.assertEqual([[8, 9]], [item[3] for item in self.ended() if item[0] == "u"])
        self.assertEqual([["given"]] * 3, [kept[task].find(None) for task in range(3)])

    def test_a_named_output_that_is_no_plain_value_is_read_by_its_name(self):
        made = code("test_held:named", fetch=False)
        for by_name in (False, True):
            stages = {
                0: json.dumps(dict(json.loads(made), by_name=by_name)),
                1: code("held_ops:name_of", inputs=[["item", "node", 0, by_name, False]]),
                2: code("held_ops:look", inputs=[["item", "list", 0, False, False]]),
                3: code("held_ops:look", inputs=[["item", "none", 0, False, False]]),
            }
            del self.reports[:]
            read = [("one", OWN, 0)]
            self.carry_out(stages, [self.call(0)] + [self.call(stage, stage, read) for stage in (1, 2, 3)])
            self.assertEqual({1: "n", 2: [1]}, self.told())
            text = "reads the output 'none' of task 0, which returned the outputs [node, list]"
            self.assertIn(text, self.ended()[-1][6])

    def test_a_bare_output_is_the_port_that_alone_is_named(self):
        makers = [
            (code("held_ops:make", args=[[1]], fetch=False, by_name=True), "look", [1]),
            (code("held_ops:make", args=["made"], fetch=False, by_name=True), "look", "made"),
            (code("held_ops:hoard_object", fetch=False, by_name=True), "name_of", "x"),
        ]
        for made, reader, expected in makers:
            for take in (False, True):
                stages = {0: made, 1: code("held_ops:" + reader, inputs=[["item", "any", 0, take, True]])}
                del self.reports[:]
                self.carry_out(stages, [self.call(0), self.call(1, 1, [("one", OWN, 0)])])
                self.assertEqual({1: expected}, self.told())
                held_ops.RETURNED.clear()
        del self.reports[:]
        stages = {0: code("held_ops:look", inputs=[["item", "any", 0, False, True]])}
        self.carry_out(stages, [self.call(0, 0, [("one", GIVEN, "[3]")])])
        self.assertEqual({0: [3]}, self.told())

    def test_a_mapping_and_nothing_are_no_bare_outputs(self):
        for made, seen in (("test_held:named", "the outputs"), ("sample_ops:nop", "nothing")):
            stages = {0: code(made, fetch=False), 1: code("held_ops:look", inputs=[["item", "any", 0, False, True]])}
            del self.reports[:]
            self.carry_out(stages, [self.call(0), self.call(1, 1, [("one", OWN, 0)])])
            self.assertIn("reads the output 'any' of task 0, which returned " + seen, self.ended()[-1][6])

    def test_a_named_output_of_elsewhere_that_is_not_there_is_told(self):
        stages = {0: code("held_ops:look", inputs=[["item", "none", 0, False, False]])}
        self.carry_out(stages, [self.call(0, 0, [("one", GIVEN, '{"a":1}')])])
        text = "reads the output 'none' of another backend's stage, which returned the outputs [a]"
        self.assertIn(text, self.ended()[0][6])

    def test_what_a_task_sees_of_itself_is_its_own(self):
        self.run_details["datasets"] = [{"name": "d", "files": ["f"], "attributes": {"years": [1]}}]
        place = (4, 0, ["f"], 0, -1)
        stages = {
            0: code("held_ops:spoil_surroundings", params={"named": "n"}, variables={"V": "1"}, extra_data={"e": 1}),
        }
        stages[1] = json.dumps(dict(json.loads(stages[0]), inputs=[["item", None, 0, False, False]]))
        folder = os.path.join(self.folder.name, "out")
        calls = [(task, 1, 0, place, 0, None, False, folder, None) for task in range(2)]
        calls += [(task, 1, 1, place, 0, [("many", [(OWN, 0)], [place])], False, folder, None) for task in (2, 3)]
        self.carry_out(stages, calls)
        seen = [{"named": "n"}, {"V": "1"}, {"e": 1}, ["f"], ["f"], [1]]
        self.assertEqual({0: seen + [[]], 1: seen + [[]], 2: seen + [[["f"]]], 3: seen + [[["f"]]]}, self.told())

    def test_readers_on_several_threads_have_their_own(self):
        kept = self.carry_out({0: code("held_ops:make", args=[[[1], [2]]])}, [self.call(0, keep=True)])
        stages = {1: self.reader("spoil")}
        calls = [[self.call(task, 1, [("one", 0, 0)])] for task in range(1, 9)]
        threads = [threading.Thread(target=self.carry_out, args=(stages, each, [kept])) for each in calls]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.runtime.reporter.flush()
        self.assertEqual([[[1], [2], "spoilt"]] * 8, [value for task, value in self.told().items() if task])


def spoil_one(a, b):
    """Changes one of its inputs; returns both."""
    a.append("spoilt")
    return [a, b]


def named():
    return {"node": held_ops.Node("n"), "list": [1]}


if __name__ == "__main__":
    unittest.main()
