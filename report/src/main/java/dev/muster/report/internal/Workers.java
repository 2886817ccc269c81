package dev.muster.report.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a run, and the rows of a timeline that shows them: one for each slot that was in use at a time. Times
 * are microseconds since the run began. Not thread-safe.
 */
final class Workers {
  /** A row of the timeline. */
  record Row(String pool, String worker, int slot) {}

  /** A worker's time. */
  private static final class Life {
    final String pool;
    final BitSet used = new BitSet();
    final List<Integer> rows = new ArrayList<>();
    long started;
    long ended = -1;

    Life(String pool, long started) {
      this.pool = pool;
      this.started = started;
    }
  }

  /** What became of the workers of a pool. */
  static final class Pool {
    int workers;
    int lost;
    /** How long its workers were there, in microseconds. */
    long there;
    /** How long tasks ran on them. */
    long busy;
    /** Why workers ended that did not end by themselves, and how many. */
    final Map<String, Integer> reasons = new LinkedHashMap<>();
  }

  private static final int MOST_REASONS = 20;

  private final Map<String, Life> lives = new LinkedHashMap<>();
  private final Map<String, Pool> pools = new TreeMap<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<Integer, Life> owners = new HashMap<>();

  void started(String pool, String worker, long now) {
    life(pool, worker, now).ended = -1;
  }

  void ended(String pool, String worker, @Nullable String reason, long now) {
    Life life = life(pool, worker, now);
    life.ended = now;
    life.used.clear();
    if (reason != null) {
      Pool of = pool(pool);
      of.lost++;
      if (of.reasons.containsKey(reason) || of.reasons.size() < MOST_REASONS) {
        of.reasons.merge(reason, 1, Integer::sum);
      }
    }
  }

  private Life life(String pool, String worker, long now) {
    Life known = lives.get(worker);
    if (known != null && known.pool.equals(pool)) {
      return known;
    }
    Life fresh = new Life(pool, now);
    lives.put(worker, fresh);
    pool(pool).workers++;
    return fresh;
  }

  private Pool pool(String name) {
    return pools.computeIfAbsent(name, any -> new Pool());
  }

  /** Takes the first free slot of a worker for a task; returns its row. */
  int take(String pool, String worker, long now) {
    Life life = life(pool, worker, now);
    int slot = life.used.nextClearBit(0);
    life.used.set(slot);
    if (slot == life.rows.size()) {
      life.rows.add(rows.size());
      owners.put(rows.size(), life);
      rows.add(new Row(pool, worker, slot));
    }
    return life.rows.get(slot);
  }

  /** Frees the slot of a task that ran for some time. */
  void free(int row, long busy) {
    Row freed = rows.get(row);
    Life life = owners.get(row);
    if (life != null) {
      life.used.clear(freed.slot);
    }
    pool(freed.pool).busy += busy;
  }

  Row row(int row) {
    return rows.get(row);
  }

  int rows() {
    return rows.size();
  }

  int size() {
    return lives.size();
  }

  /** Returns what became of the workers of each pool, by its name. */
  Map<String, Pool> pools(long now) {
    pools.values().forEach(pool -> pool.there = 0);
    for (Life life : lives.values()) {
      pool(life.pool).there += Math.max(0, (life.ended < 0 ? now : life.ended) - life.started);
    }
    return pools;
  }
}
