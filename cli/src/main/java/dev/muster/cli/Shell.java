package dev.muster.cli;

import java.nio.file.Path;
import java.time.Clock;

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
    FrontDoor library, Output out, Screen err, Terminal terminal, Clock clock, Path directory) {}
