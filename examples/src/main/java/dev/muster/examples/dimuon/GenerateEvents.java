package dev.muster.examples.dimuon;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.muster.examples.physics.Detector;
import dev.muster.examples.physics.DimuonEvent;
import dev.muster.examples.physics.EventFile;
import dev.muster.examples.physics.PhysicsProcess;
import dev.muster.examples.physics.RandomStream;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Simulates collisions and writes them to the partition's files, as {@link FileRef}s. A file that is already there and
 * was made with the same parameters is kept. Each file has random numbers of its own, so the order in which files are
 * made does not matter.
 *
 * <p>A dataset with {@code eventtype: data} is a mixture of all processes, its number of events a Poisson number; any
 * other one is the process of its name.
 *
 * <p>Parameters: {@code seed}; {@code cross_sections} in pb by process; {@code luminosity} of each data file in 1/pb;
 * {@code events} in each simulated file. Thread-safe.
 */
final class GenerateEvents implements Operation {
  private static final int CHECK_EVERY = 4096;

  @Override
  public List<FileRef> run(OperationContext context) throws IOException {
    Dataset dataset = Tasks.dataset(context);
    Map<PhysicsProcess, Double> processes = crossSections(context);
    double luminosity = context.param("luminosity", Double.class);
    int events = 0;
    if (!Tasks.isData(dataset)) {
      PhysicsProcess process = PhysicsProcess.named(dataset.name());
      Double crossSection = processes.get(process);
      if (crossSection == null) {
        throw new IllegalArgumentException("cross_sections has none for " + dataset.name());
      }
      processes = Map.of(process, crossSection);
      events = context.param("events", Integer.class);
      luminosity = events / crossSection;
    }
    List<FileRef> files = new ArrayList<>();
    for (Path file : Tasks.files(context)) {
      long seed = context.param("seed", Long.class);
      generate(file, new Recipe(dataset.name(), seed, processes, luminosity, events), context);
      files.add(FileRef.of(file));
    }
    return files;
  }

  private static void generate(Path file, Recipe recipe, OperationContext context)
      throws IOException {
    long fingerprint = recipe.fingerprint(file.getFileName().toString());
    EventFile.Header present = EventFile.headerIfComplete(file);
    if (present != null && present.recipe() == fingerprint) {
      context.log(file + " is there already, with " + present.events() + " events");
      return;
    }
    RandomStream random = new RandomStream(fingerprint);
    int count = recipe.events > 0
        ? recipe.events
        : random.poisson(recipe.luminosity * recipe.crossSection());
    List<DimuonEvent> events = new ArrayList<>(count);
    for (int number = 0; number < count; number++) {
      if (number % CHECK_EVERY == 0) {
        Tasks.stopIfCancelled(context);
      }
      events.add(Detector.measure(number, recipe.choose(random).collide(random), random));
    }
    EventFile.write(file, fingerprint, recipe.luminosity, events);
    context.log(file + ": " + count + " events");
  }

  private static Map<PhysicsProcess, Double> crossSections(OperationContext context) {
    Map<PhysicsProcess, Double> result = new EnumMap<>(PhysicsProcess.class);
    Map<?, ?> given = context.param("cross_sections", Map.class);
    for (Map.Entry<?, ?> entry : given.entrySet()) {
      if (!(entry.getValue() instanceof Number number) || !(number.doubleValue() > 0)) {
        throw new IllegalArgumentException("cross_sections." + entry.getKey()
            + " must be a number above 0, got " + entry.getValue());
      }
      result.put(PhysicsProcess.named(entry.getKey().toString()), number.doubleValue());
    }
    return result;
  }

  /** All that the content of a file depends on; no events means a Poisson number. */
  private record Recipe(
      String dataset,
      long seed,
      Map<PhysicsProcess, Double> processes,
      double luminosity,
      int events) {
    double crossSection() {
      return processes.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    PhysicsProcess choose(RandomStream random) {
      double left = random.uniform() * crossSection();
      PhysicsProcess chosen = null;
      for (Map.Entry<PhysicsProcess, Double> entry : processes.entrySet()) {
        chosen = entry.getKey();
        left -= entry.getValue();
        if (left < 0) {
          break;
        }
      }
      if (chosen == null) {
        throw new IllegalArgumentException("cross_sections is empty");
      }
      return chosen;
    }

    long fingerprint(String file) {
      Hasher hasher = Hashing.sha256()
          .newHasher()
          .putUnencodedChars("dimuon events 1")
          .putUnencodedChars(dataset)
          .putInt(0)
          .putString(file, StandardCharsets.UTF_8)
          .putInt(0)
          .putLong(seed)
          .putDouble(luminosity)
          .putInt(events);
      processes.forEach(
          (process, value) -> hasher.putUnencodedChars(process.id()).putDouble(value));
      return hasher.hash().asLong();
    }
  }
}
