package dev.muster.internal.yaml;

import org.jspecify.annotations.Nullable;

/** A path in a document, such as {@code analysis.stages[2].execution.require}; its text is made only when asked for. */
final class Where {
  static final Where ROOT = new Where(null, null, -1);

  private final @Nullable Where parent;
  private final @Nullable String key;
  private final int index;

  private Where(@Nullable Where parent, @Nullable String key, int index) {
    this.parent = parent;
    this.key = key;
    this.index = index;
  }

  Where key(String name) {
    return new Where(this, name, -1);
  }

  Where item(int at) {
    return new Where(this, null, at);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    write(text);
    return text.toString();
  }

  /** Tells whether a path leads into the environment variables of something, whose values may be secrets. */
  static boolean isSecret(String path) {
    return path.matches("(?:.*\\.)?variables(?:[.\\[].*)?");
  }

  private void write(StringBuilder text) {
    if (parent == null) {
      return;
    }
    parent.write(text);
    if (key == null) {
      text.append('[').append(index).append(']');
    } else {
      text.append(text.isEmpty() ? "" : ".").append(Quoted.plain(key));
    }
  }
}
