package dev.muster.internal.operation;

import dev.muster.code.ShellWords;
import dev.muster.code.Template;
import dev.muster.code.Template.Literal;
import dev.muster.code.Template.Part;
import dev.muster.code.Template.Slot;
import dev.muster.code.Template.Take;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A shell's text with the values of one task in it.
 *
 * <p>A value never becomes part of the text that the shell reads as code: it goes into a variable, and a reference to
 * that takes the slot's place. So no value, whatever it holds, can run anything. {@code shell.py} does the same on
 * workers.
 *
 * @param text what the shell reads
 * @param variables what it refers to
 * @param shown the text with its values in place, for people
 */
record ShellScript(String text, Map<String, String> variables, String shown) {
  /** What the names of the variables begin with. */
  static final String VARIABLE = "MUSTER_ARG_";

  // 18 digits: more do not fit everywhere. A 0 before others would mean another base.
  private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]{0,17})");

  /**
   * Fills a template for a task.
   *
   * @param words returns the words of a slot's value
   * @throws TaskException if a value cannot stand where its slot is
   */
  static ShellScript fill(Template template, Function<Slot, List<String>> words) {
    StringBuilder text = new StringBuilder();
    StringBuilder shown = new StringBuilder();
    Map<String, String> variables = new LinkedHashMap<>();
    for (Part part : template.parts()) {
      if (part instanceof Literal literal) {
        text.append(literal.text());
        shown.append(literal.text());
        continue;
      }
      Slot slot = (Slot) part;
      List<String> values = words.apply(slot);
      String wrong = wrong(slot, values);
      if (!wrong.isEmpty()) {
        throw new TaskException(FailureKind.OPERATION, slot.text() + " " + wrong, null);
      }
      List<String> references = new ArrayList<>(values.size());
      for (String value : values) {
        String variable = VARIABLE + (variables.size() + 1);
        variables.put(variable, value);
        references.add("${" + variable + "}");
      }
      if (slot.take() == Take.EACH) {
        references.replaceAll(each -> slot.open() + each + slot.close());
        text.append(String.join(" ", references));
        shown.append(ShellWords.join(values));
      } else {
        text.append(slot.open()).append(String.join(" ", references)).append(slot.close());
        String joined = String.join(" ", values);
        shown.append(slot.open().equals("\"") ? ShellWords.quote(joined) : joined);
      }
    }
    return new ShellScript(text.toString(), variables, shown.toString());
  }

  /** Says why values cannot stand where a slot is; empty if they can. */
  static String wrong(Slot slot, List<String> values) {
    boolean single = slot.take() == Take.ONE || slot.take() == Take.NUMBER;
    if (single && values.size() != 1) {
      return "stands where the shell takes one word, and is a list of " + values.size();
    }
    if (slot.take() == Take.NUMBER && !NUMBER.matcher(values.get(0)).matches()) {
      return "stands in $(( )) and is no whole number in decimal digits (at most 18, without a 0 or + before them)";
    }
    return "";
  }

  /** Says nothing of the values. */
  @Override
  public String toString() {
    return "ShellScript[" + text + "]";
  }
}
