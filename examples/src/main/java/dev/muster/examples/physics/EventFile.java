package dev.muster.examples.physics;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The format of event files: a header of 28 bytes, then 42 bytes for each event, big-endian.
 *
 * <pre>
 * header: "DIMUON01", recipe (long), luminosity in 1/pb (double), events (int)
 * event:  number (int), two muons (each: pt, eta, phi, isolation as float, charge as byte), missing energy (float)
 * </pre>
 *
 * <p>The recipe tells files made with other parameters apart. Thread-safe.
 */
public final class EventFile {
  /** The size of the header in bytes. */
  public static final int HEADER_BYTES = 28;

  /** The size of an event in bytes. */
  public static final int EVENT_BYTES = 42;

  private static final long MAGIC = 0x44494d554f4e3031L; // "DIMUON01"

  private EventFile() {}

  /**
   * What the header says.
   *
   * @param recipe tells files made with other parameters apart
   * @param luminosity the integrated luminosity in 1/pb that the events stand for
   * @param events how many events follow
   */
  public record Header(long recipe, double luminosity, int events) {}

  /** Writes a file; it appears under its name only once it is complete. */
  public static void write(Path file, long recipe, double luminosity, List<DimuonEvent> events)
      throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException("not a file: " + file);
    }
    Files.createDirectories(directory);
    Path partial = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".partial");
    try {
      try (OutputStream stream = Files.newOutputStream(partial);
          DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream, 1 << 16))) {
        out.writeLong(MAGIC);
        out.writeLong(recipe);
        out.writeDouble(luminosity);
        out.writeInt(events.size());
        ByteBuffer bytes = ByteBuffer.allocate(EVENT_BYTES);
        for (DimuonEvent event : events) {
          put(event, bytes.clear());
          out.write(bytes.array());
        }
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Returns the header of a complete event file, or null if there is none at {@code file}. */
  public static @Nullable Header headerIfComplete(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) < HEADER_BYTES) {
      return null;
    }
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = read(channel, 0, HEADER_BYTES);
      if (bytes.getLong() != MAGIC) {
        return null;
      }
      Header header = new Header(bytes.getLong(), bytes.getDouble(), bytes.getInt());
      long size = HEADER_BYTES + (long) EVENT_BYTES * header.events();
      return channel.size() == size ? header : null;
    }
  }

  /**
   * Returns the header.
   *
   * @throws IOException if this is no complete event file
   */
  public static Header header(Path file) throws IOException {
    Header header = headerIfComplete(file);
    if (header == null) {
      throw new IOException(file + " is not a complete event file; delete it and run again");
    }
    return header;
  }

  /** Reads the bytes of some events. */
  public static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new IOException("the file ends at byte " + (offset + bytes.position()));
      }
    }
    return bytes.flip();
  }

  /** Returns the event that starts at byte {@code offset}. */
  public static DimuonEvent event(ByteBuffer bytes, int offset) {
    return new DimuonEvent(
        bytes.getInt(offset),
        muon(bytes, offset + 4),
        muon(bytes, offset + 21),
        bytes.getFloat(offset + 38));
  }

  private static Muon muon(ByteBuffer bytes, int offset) {
    return new Muon(
        bytes.getFloat(offset),
        bytes.getFloat(offset + 4),
        bytes.getFloat(offset + 8),
        bytes.get(offset + 16),
        bytes.getFloat(offset + 12));
  }

  private static void put(DimuonEvent event, ByteBuffer bytes) {
    bytes.putInt(event.number());
    put(event.first(), bytes);
    put(event.second(), bytes);
    bytes.putFloat((float) event.missingEnergy());
  }

  private static void put(Muon muon, ByteBuffer bytes) {
    bytes.putFloat((float) muon.pt());
    bytes.putFloat((float) muon.eta());
    bytes.putFloat((float) muon.phi());
    bytes.putFloat((float) muon.isolation());
    bytes.put((byte) muon.charge());
  }
}
