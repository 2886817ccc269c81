package dev.muster.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of Python, and what those read of it who read no pickles.
 *
 * @param name its name in {@code passed_values.py}
 * @param java what Java reads of it, in words; null if it cannot; {@code *} at its beginning stands for any text
 * @param words what a command has in the place of its placeholder, one a line; null if it cannot read it
 * @param reason a part of why not, or empty
 */
record PassedValue(
    String name, @Nullable String java, @Nullable String words, String reason) {
  /** The module in the test's folder that has the functions. */
  static final String MODULE = "passed_values";

  private static PassedValue of(String name, String java, String words) {
    return new PassedValue(name, java, words, "");
  }

  private static PassedValue list(String name, String java, String... words) {
    return of(name, java, String.join("\n", words));
  }

  private static PassedValue bytes(String name) {
    return new PassedValue(name, "bytes 00ff", null, "is bytes, which a command cannot take");
  }

  private static PassedValue foreign(String name, String reason) {
    return new PassedValue(name, null, null, reason);
  }

  /** Returns the table. */
  static List<PassedValue> all() {
    String deep = "[".repeat(256) + "]".repeat(256);
    String forged = "=[1, null, pickle, *";
    return List.of(
        of("nothing", "null", ""),
        of("truth", "true", "true"),
        of("whole", "7", "7"),
        of("large", "-1000000000000000000000000000000", "-1000000000000000000000000000000"),
        of("number", "0.5", "0.5"),
        of("text", "größe 😀", "größe 😀"),
        list("list", "[1, [2, null]]", "1", "[2,null]"),
        list("empty", "[]"),
        of("map", "{a={b=1}, $c=2.5}", "{\"a\":{\"b\":1},\"$c\":2.5}"),
        bytes("bytes"),
        of("file", "FileRef[path=/data/a b]", "/data/a b"),
        of("as_deep_as_can_be", deep, deep.substring(1, deep.length() - 1)),
        list("tuple", "[1, a]", "1", "a"),
        list("empty_tuple", "[]"),
        list("tuples_inside", "[[1], {a=[2, [3]]}]", "[1]", "{\"a\":[2,[3]]}"),
        list("pair", "[1, 2]", "1", "2"),
        foreign("set", "output is a builtins.set, "),
        foreign("frozen", "output is a builtins.frozenset, "),
        foreign("set_inside", "output.a[0].b is a builtins.set, "),
        foreign("complex", "output is a builtins.complex, "),
        foreign("date", "output is a datetime.date, "),
        foreign("moment", "output is a datetime.datetime, "),
        of("colour", "1", "1"),
        foreign("shape", "output is a passed_values.Shape, "),
        foreign("numbers_as_keys", "output has the key 1; keys must be strings"),
        foreign("other_keys", "output has the key (1, 2); keys must be strings"),
        bytes("changeable_bytes"),
        foreign("surrogate", "the text 'a\\udc80', which is no Unicode"),
        foreign("surrogate_as_key", "the text '\\udc80', which is no Unicode"),
        foreign("surrogate_beside", "has the text '\\udc80', which is no Unicode"),
        foreign("long", " cannot be encoded"),
        foreign("long_inside", " cannot be encoded"),
        of("ordered", "{a=[1, 2]}", "{\"a\":[1,2]}"),
        of("counter", "{a=2, b=1}", "{\"a\":2,\"b\":1}"),
        of("factory", "{a=[1]}", "{\"a\":[1]}"),
        foreign("queue", "output is a collections.deque, "),
        of("other_text", "a", "a"),
        of("other_key", "{a=1}", "{\"a\":1}"),
        of("other_list", "[1]", "1"),
        of("relative", "FileRef[path=*", "*/file"),
        of("pure", "FileRef[path=/data/f]", "/data/f"),
        foreign("odd_path", "whose name is no UTF-8 text: /data/\\udcff"),
        foreign("decimal", "output is a decimal.Decimal, "),
        foreign("range", "output is a builtins.range, "),
        foreign("function", "output is a builtins.function, "),
        foreign("partial", "output is a functools.partial, "),
        foreign("class", "output is a builtins.type, "),
        foreign("error", "output is a builtins.ValueError, "),
        of("forged", "{$python" + forged, "{\"$python\":[1,null,\"pickle\",*"),
        of("forged_inside", "[{a=[{$python" + forged, "{\"a\":[{\"$python\":[1,null,\"pickle\",*"),
        of("forged_file", "{$file=/etc/hostname}", "{\"$file\":\"/etc/hostname\"}"),
        of("dollars", "[{$$python=1, $={$file=[2]}}]", "{\"$$python\":1,\"$\":{\"$file\":[2]}}"),
        foreign("deep", "is nested more than 256 deep"),
        foreign("ring", "or holds itself"),
        list("twice", "[[1], [1]]", "[1]", "[1]"),
        foreign("friends", "output[0] is a passed_values.Node, "),
        foreign("often", "that are in it already"));
  }
}
