package dev.muster.cli.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.NOP_FallbackServiceProvider;

/**
 * The program. Each mutant follows from the seed and its number alone. It is loaded, printed, loaded again, planned
 * and checked; accepted or refused with problems, each in
 * its place and once, is right. Anything else is a finding: another exception, a message that is too long, has no
 * place or is there twice, one that differs after a round
 * trip, or one that takes too long.
 *
 * <p>Arguments: {@code SEED COUNT FIRST THREADS FOLDER FILE...}, the folder for findings. Exit code 0 if there is no
 * finding, else 1.
 */
public final class Fuzz {
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final int MOST_FINDINGS = 30;

  private final long seed;
  private final Path findings;
  private final List<Seed> right;
  private final List<Seed> broken;
  private final Mutator mutator;
  private final PrintStream out;
  private final Set<String> kinds = new HashSet<>();

  private Fuzz(long seed, Path findings, List<Seed> seeds, PrintStream out) {
    this.seed = seed;
    this.findings = findings;
    this.right = seeds.stream().filter(each -> !each.broken()).toList();
    this.broken = seeds.stream().filter(Seed::broken).toList();
    this.mutator = new Mutator(seeds.stream().map(Seed::text).toList());
    this.out = out;
  }

  /** Runs; see the class. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(
        new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.setProperty("slf4j.provider", NOP_FallbackServiceProvider.class.getName());
    long seed = Long.parseLong(arguments[0]);
    long count = Long.parseLong(arguments[1]);
    long first = Long.parseLong(arguments[2]);
    int threads = Integer.parseInt(arguments[3]);
    Path findings = Path.of(arguments[4]).toAbsolutePath();
    List<Seed> seeds = new ArrayList<>();
    for (String name : Arrays.asList(arguments).subList(5, arguments.length)) {
      Path file = Path.of(name).toAbsolutePath();
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      seeds.add(Seed.of(file, text));
    }
    Fuzz fuzz = new Fuzz(seed, findings, seeds, out);
    System.exit(fuzz.run(count, first, threads) ? 0 : 1);
  }

  private boolean run(long count, long first, int threads) throws Exception {
    Files.createDirectories(findings);
    out.printf(
        "fuzz: seed %d, %d mutants from number %d, of %d files and %d broken ones, with %d threads%n",
        seed, count, first, right.size(), broken.size(), threads);
    long began = System.nanoTime();
    AtomicLong next = new AtomicLong(first);
    List<Work> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Work one = new Work(next, first + count);
      work.add(one);
      one.start();
    }
    while (work.stream().anyMatch(Thread::isAlive)) {
      work.get(0).join(500);
      if (work.get(0).isAlive()) {
        for (Work one : work) {
          String stuck = one.stuck();
          if (stuck != null) {
            report(one.number, "it takes longer than " + LONGEST.toSeconds() + " s: " + stuck);
            return false; // a thread cannot be stopped
          }
        }
      } else {
        for (Work one : work) {
          one.join(500);
        }
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    out.printf(
        "fuzz: %d mutants in %.1f s (%.0f a second), %d loaded, %d planned and checked, %d findings%n",
        count,
        seconds,
        count / seconds,
        work.stream().mapToInt(one -> one.accepted).sum(),
        work.stream().mapToInt(one -> one.planned).sum(),
        kinds.size());
    return kinds.isEmpty();
  }

  /** Chooses a file; one of ten is one that is wrong already. */
  private Seed seedOf(SplittableRandom random) {
    List<Seed> some =
        broken.isEmpty() || (!right.isEmpty() && random.nextInt(10) > 0) ? right : broken;
    return some.get(random.nextInt(some.size()));
  }

  /** Reports a finding once for each kind, and saves what leads to it. */
  private synchronized void report(long number, String what) {
    String kind = what.lines().findFirst().orElse("").replaceAll("'[^']*'|\\d+|\"[^\"]*\"", "_");
    kind = kind.substring(0, Math.min(120, kind.length()));
    if (kinds.size() >= MOST_FINDINGS || !kinds.add(kind)) {
      return;
    }
    SplittableRandom random = new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L);
    Seed from = seedOf(random);
    String mutant = mutator.mutate(from.text(), random);
    Path file = findings.resolve("finding-" + seed + "-" + number + ".yaml");
    try {
      Files.write(file, mutant.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String shown = what.length() > 2000 ? what.substring(0, 2000) + "..." : what;
    out.printf(
        "fuzz: FINDING in %s, made of %s%n  again: scripts/fuzz.sh --seed %d --first %d --count 1%n  %s%n",
        file, from.file(), seed, number, shown.replace("\n", "\n  "));
  }

  private final class Work extends Thread {
    private final AtomicLong next;
    private final long end;
    volatile long number;
    volatile long began;
    volatile int accepted;
    volatile int planned;

    Work(AtomicLong next, long end) {
      this.next = next;
      this.end = end;
      setDaemon(true);
    }

    @Nullable
    String stuck() {
      long since = began;
      return since != 0 && System.nanoTime() - since > LONGEST.toNanos()
          ? String.join(
              "\n",
              Arrays.stream(getStackTrace()).limit(25).map(String::valueOf).toList())
          : null;
    }

    @Override
    public void run() {
      Path folder;
      try {
        folder = Files.createTempDirectory("muster-fuzz-");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Subject subject = new Subject(folder);
      for (long mine = next.getAndIncrement(); mine < end; mine = next.getAndIncrement()) {
        SplittableRandom random = new SplittableRandom(seed + mine * 0x9E3779B97F4A7C15L);
        Seed from = seedOf(random);
        String mutant = mutator.mutate(from.text(), random);
        number = mine;
        began = System.nanoTime();
        String wrong;
        try {
          wrong = subject.tried(from, mutant);
        } catch (Exception
            | StackOverflowError
            | OutOfMemoryError
            | AssertionError
            | LinkageError e) {
          wrong = e + "\n"
              + String.join(
                  "\n",
                  Arrays.stream(e.getStackTrace())
                      .limit(12)
                      .map(String::valueOf)
                      .toList());
        }
        began = 0;
        if (wrong != null) {
          report(mine, wrong);
        }
      }
      accepted = subject.accepted();
      planned = subject.planned();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
        Files.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
