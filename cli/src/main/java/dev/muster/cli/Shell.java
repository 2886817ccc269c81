package dev.muster.cli;

import dev.muster.code.ShellWords;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * What surrounds a command: the library, the streams, the terminal, the time and the place.
 *
 * @param library the library
 * @param out where results go
 * @param err where messages go
 * @param terminal what the terminal can do
 * @param clock the time, in the user's zone
 * @param directory the working directory
 */
record Shell(
    FrontDoor library, Output out, Screen err, Terminal terminal, Clock clock, Path directory) {
  /** Returns a path as short as it can be: what lies below the working directory is shown from there. */
  Path shown(Path path) {
    return path.startsWith(directory) ? directory.relativize(path) : path;
  }

  /** Returns a command about a run, to be shown, as it is typed into a shell. */
  String command(String verb, Path run) {
    return Text.harmless(ShellWords.join(List.of("muster", verb, shown(run).toString())));
  }
}
