package dev.muster.examples.dimuon;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import dev.muster.examples.dimuon.DatasetIndex.Block;
import dev.muster.examples.dimuon.DatasetIndex.FileIndex;
import dev.muster.examples.physics.DimuonEvent;
import dev.muster.examples.physics.EventFile;
import dev.muster.value.FileRef;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads all files of a dataset once and notes where its muon pairs of opposite charge are, with checksums: a
 * {@link DatasetIndex}, which stays in memory for the stages that follow.
 *
 * <p>Reads the lists of files of one stage. Parameter: {@code block_events}, how many events are read at once (default
 * 4096). Thread-safe.
 */
final class BuildIndex implements Operation {
  @Override
  public DatasetIndex run(OperationContext context) throws IOException {
    int blockEvents = context.param("block_events", 4096);
    if (blockEvents < 1 || blockEvents > 1_000_000) {
      throw new IllegalArgumentException("block_events must be 1 to 1000000, got " + blockEvents);
    }
    String input = context.inputNames().iterator().next();
    List<FileIndex> files = new ArrayList<>();
    for (List<?> written : Tasks.inputs(context, input, List.class)) {
      for (Object file : written) {
        files.add(index(((FileRef) file).path(), blockEvents, context));
      }
    }
    DatasetIndex index = new DatasetIndex(Tasks.dataset(context).name(), files);
    context.log(index.dataset() + ": " + index.events() + " events in " + files.size() + " files");
    return index;
  }

  private static FileIndex index(Path file, int blockEvents, OperationContext context)
      throws IOException {
    EventFile.Header header = EventFile.header(file);
    List<Block> blocks = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file)) {
      for (int first = 0; first < header.events(); first += blockEvents) {
        Tasks.stopIfCancelled(context);
        int count = Math.min(blockEvents, header.events() - first);
        long offset = EventFile.HEADER_BYTES + (long) first * EventFile.EVENT_BYTES;
        blocks.add(block(channel, offset, count * EventFile.EVENT_BYTES));
      }
    }
    return new FileIndex(file, header.luminosity(), header.events(), blocks);
  }

  private static Block block(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = EventFile.read(channel, offset, length);
    ImmutableIntArray.Builder oppositeCharge = ImmutableIntArray.builder();
    double hardest = 0;
    for (int at = 0; at < length; at += EventFile.EVENT_BYTES) {
      DimuonEvent event = EventFile.event(bytes, at);
      if (event.first().charge() != event.second().charge()) {
        oppositeCharge.add(at);
        hardest = Math.max(hardest, Math.max(event.first().pt(), event.second().pt()));
      }
    }
    return new Block(offset, length, checksum(bytes), hardest, oppositeCharge.build());
  }

  /** Returns the CRC-32C of what remains in a buffer, which it leaves as it is. */
  static int checksum(ByteBuffer bytes) {
    return Hashing.crc32c().hashBytes(bytes.duplicate()).asInt();
  }
}
