package dev.muster.pixi;

import java.nio.file.Path;

/**
 * An archive that is ready to be brought to workers.
 *
 * @param kind {@code prefix}, made by us, or {@code executable}, made by pixi-pack
 * @param archive the file
 * @param sha256 its hash, in hexadecimal
 * @param bytes its size
 * @param name the name of the folder that it becomes on a worker
 */
record Packed(String kind, Path archive, String sha256, long bytes, String name) {
  static final String PREFIX = "prefix";
  static final String EXECUTABLE = "executable";
}
