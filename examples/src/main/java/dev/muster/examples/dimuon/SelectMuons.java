package dev.muster.examples.dimuon;

import dev.muster.examples.dimuon.DatasetIndex.Block;
import dev.muster.examples.dimuon.DatasetIndex.FileIndex;
import dev.muster.examples.physics.DimuonEvent;
import dev.muster.examples.physics.EventFile;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Selects events with two good muons of opposite charge. It reads what the index names, and checks that the bytes are
 * still those that were indexed.
 *
 * <p>Reads a {@link DatasetIndex}. Parameters: {@code leading_pt} and {@code subleading_pt}, the least transverse
 * momenta in GeV (default 25 and 15); {@code max_eta}, the largest pseudorapidity (default 2.4). Thread-safe.
 */
final class SelectMuons implements Operation {
  @Override
  public Selection run(OperationContext context) throws IOException {
    double leadingPt = context.param("leading_pt", 25.0);
    double subleadingPt = context.param("subleading_pt", 15.0);
    double maxEta = context.param("max_eta", 2.4);
    String input = context.inputNames().iterator().next();
    DatasetIndex index = context.input(input, DatasetIndex.class);

    List<Candidate> candidates = new ArrayList<>();
    long all = 0;
    long oppositeCharge = 0;
    long hard = 0;
    for (Path path : Tasks.files(context)) {
      FileIndex file = index.file(path);
      all += file.events();
      try (FileChannel channel = FileChannel.open(path)) {
        for (Block block : file.blocks()) {
          Tasks.stopIfCancelled(context);
          oppositeCharge += block.oppositeCharge().length();
          if (block.hardest() <= leadingPt) {
            continue;
          }
          ByteBuffer bytes = checked(channel, block, path);
          for (int i = 0; i < block.oppositeCharge().length(); i++) {
            DimuonEvent event = EventFile.event(bytes, block.oppositeCharge().get(i));
            double first = event.first().pt();
            double second = event.second().pt();
            if (Math.max(first, second) > leadingPt && Math.min(first, second) > subleadingPt) {
              hard++;
              if (Math.abs(event.first().eta()) < maxEta
                  && Math.abs(event.second().eta()) < maxEta) {
                candidates.add(Candidate.of(event));
              }
            }
          }
        }
      }
    }
    CutFlow cutFlow = CutFlow.empty()
        .then("all events", all)
        .then("opposite charge", oppositeCharge)
        .then("pT > " + leadingPt + ", " + subleadingPt + " GeV", hard)
        .then("|eta| < " + maxEta, candidates.size());
    return new Selection(candidates, cutFlow);
  }

  private static ByteBuffer checked(FileChannel channel, Block block, Path path)
      throws IOException {
    ByteBuffer bytes = EventFile.read(channel, block.offset(), block.length());
    if (BuildIndex.checksum(bytes) != block.checksum()) {
      throw new IOException(path + " has changed since it was indexed, at byte " + block.offset()
          + "; build the index again");
    }
    return bytes;
  }
}
