package dev.muster.fasthep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Answers of the real compiler, recorded with FAST-HEP 2026.10.1. */
final class Answers {
  static final Path FOLDER = Path.of("src/test/resources/answers");

  private Answers() {}

  static Answer of(String name) {
    try {
      return Answer.read(FOLDER.resolve(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FastHepPlan plan(String name) {
    return of(name).plans().get(0);
  }
}
