package dev.muster.internal.process;

import java.io.IOException;

/**
 * Starts processes: the JDK keeps nothing of who started them, and they keep no secret that they do not need.
 * Thread-safe.
 */
public final class ChildProcess {
  /** The name of the variable that may hold a bearer token. */
  public static final String TOKEN = "BEARER_TOKEN";

  private ChildProcess() {}

  /**
   * Starts a process. The JDK waits for it in a thread that it uses again for later processes, of others too. On JDK 17
   * that thread keeps the context class loader of whoever made the JDK start it, so it must not be that of an
   * application.
   *
   * @throws IOException if it cannot be started
   */
  public static Process start(ProcessBuilder builder) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    try {
      return builder.start();
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  /**
   * Takes the bearer token out of the environment of a process that is yet to start. A process keeps what it was given
   * for as long as it runs, the token is not renewed there, and tools would ask it before the file that is.
   */
  public static void withoutToken(ProcessBuilder builder) {
    builder.environment().remove(TOKEN);
  }
}
