package dev.muster.internal.journal;

import dev.muster.error.Visible;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/**
 * Has JSON escape what is hidden where the journal is shown: beyond what JSON asks for, all that {@link Visible}
 * replaces.
 */
final class HiddenEscapes extends CharacterEscapes {
  private static final long serialVersionUID = 1L;
  private static final int DELETE = 0x7F;

  private final int[] ascii = standardAsciiEscapesForJSON();

  HiddenEscapes() {
    ascii[DELETE] = ESCAPE_STANDARD;
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return ascii.clone();
  }

  @Override
  public @Nullable SerializableString getEscapeSequence(int character) {
    boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    return half || Visible.isHidden(character) // of a pair one does not see the other half here
        ? new SerializedString(String.format("\\u%04X", character))
        : null;
  }
}
