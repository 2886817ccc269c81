package dev.muster.internal.thread;

import java.util.concurrent.ThreadFactory;

/** Makes threads whose names say what they do and for which run. Thread-safe. */
public final class RunThreads {
  /** Stands for the id of a run in names of threads that work for all runs of this JVM. */
  public static final String ALL = "all-runs";

  private RunThreads() {}

  /** Returns the name of a thread, for example {@code muster-control@dimuon-20260131-101500-3fa90c21}. */
  public static String name(String what, String run) {
    return "muster-" + what + "@" + run;
  }

  /** Returns a daemon that is not started. */
  public static Thread daemon(String what, String run, Runnable body) {
    Thread thread = new Thread(body, name(what, run));
    thread.setDaemon(true);
    return thread;
  }

  /** Returns what makes daemons of one name. */
  public static ThreadFactory daemons(String what, String run) {
    return body -> daemon(what, run, body);
  }
}
