package dev.muster.code;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A text with places for values of a task, compiled: what fills it needs to know nothing of the language that the text
 * is written in.
 *
 * <p>In a text for a shell, a value never becomes part of the text. It goes into an environment variable, and a
 * reference to that variable takes the slot's place, between {@link Slot#open()} and {@link Slot#close()}. In any other
 * text the value itself takes the slot's place. Immutable and thread-safe.
 *
 * @param parts literal texts and slots, in order
 * @since 0.1
 */
public record Template(List<Part> parts) {
  public Template {
    parts = List.copyOf(parts);
  }

  /** A part of a text. */
  public sealed interface Part permits Literal, Slot {}

  /**
   * A part that is the same for all tasks.
   *
   * @param text the text
   */
  public record Literal(String text) implements Part {}

  /** How the words of a value become part of a shell's text. */
  public enum Take {
    /** Each word is a word of its own; an empty list is none. */
    EACH,
    /** The words are one text, with blanks between them. */
    JOINED,
    /** There must be exactly one word. */
    ONE,
    /** There must be exactly one word, and it must be a whole number in decimal digits. */
    NUMBER
  }

  /**
   * A place for a value.
   *
   * @param text the placeholder as written, with braces
   * @param kind {@code params}, {@code param}, {@code input}, or the name of a single value
   * @param name what follows the dot, or null
   * @param words the words of the value where it is the same for all tasks, else null
   * @param take how the words become part of a shell's text
   * @param open what comes before a reference in a shell's text
   * @param close what comes after it
   */
  public record Slot(
      String text,
      String kind,
      @Nullable String name,
      @Nullable List<String> words,
      Take take,
      String open,
      String close)
      implements Part {
    public Slot {
      words = words == null ? null : List.copyOf(words);
    }
  }

  /** Returns the slots, in order. */
  public List<Slot> slots() {
    List<Slot> slots = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Slot slot) {
        slots.add(slot);
      }
    }
    return slots;
  }

  /** Returns the parts as JSON has them: a text for a literal, a mapping for a slot. */
  public List<Object> json() {
    List<Object> json = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Slot slot) {
        Map<String, @Nullable Object> made = new LinkedHashMap<>();
        made.put("text", slot.text());
        made.put("kind", slot.kind());
        made.put("name", slot.name());
        made.put("words", slot.words());
        made.put("take", slot.take().name());
        made.put("open", slot.open());
        made.put("close", slot.close());
        json.add(made);
      } else {
        json.add(((Literal) part).text());
      }
    }
    return json;
  }
}
