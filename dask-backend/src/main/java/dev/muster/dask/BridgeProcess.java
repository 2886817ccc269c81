package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ChildProcess;
import dev.muster.internal.process.LogTail;
import dev.muster.internal.thread.RunThreads;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bridge: a Python process that speaks one JSON object a line over its standard input and output. Thread-safe. */
final class BridgeProcess implements Bridge {
  private static final Logger log = LoggerFactory.getLogger(BridgeProcess.class);
  private static final Duration PATIENCE = Duration.ofSeconds(9);

  private final Process process;
  private final Path errors;
  private final Listener listener;
  private final OutgoingLines outgoing = new OutgoingLines();
  private final Thread reader;
  private final Thread writer;
  private volatile boolean closing;

  /** Hears what the bridge says, on one thread. */
  interface Listener {
    void message(Map<String, @Nullable Object> message);

    /** The bridge is gone although nobody closed it. */
    void ended(String how);
  }

  private BridgeProcess(String run, Process process, Path errors, Listener listener) {
    this.process = process;
    this.errors = errors;
    this.listener = listener;
    this.reader = thread("dask-reader", run, this::read);
    this.writer = thread("dask-writer", run, this::write);
  }

  /**
   * Starts a bridge.
   *
   * @param run the id of the run
   * @param modules what is put on Python's module path
   * @param errors the file that receives what it logs
   * @throws MusterException if the interpreter cannot be started
   */
  static BridgeProcess start(
      String run, String python, Path modules, Path directory, Path errors, Listener listener) {
    ProcessBuilder builder = PythonCommand.builder(python, modules, "muster_dask.bridge");
    builder.command().add(1, "-u");
    builder.directory(directory.toFile());
    builder.redirectError(errors.toFile());
    try {
      Process process = ChildProcess.start(builder);
      try {
        return new BridgeProcess(run, process, errors, listener);
      } catch (RuntimeException | Error e) { // no more threads, for example
        process.destroyForcibly();
        throw e;
      }
    } catch (IOException e) {
      throw new MusterException(
          "the Dask backend needs Python, and '" + python + "' cannot be started ("
              + IoErrors.describe(e)
              + "); install it with 'distributed' (Debian: apt-get install python3-distributed"
              + " python3-cryptography), or name an interpreter in execution.config.python",
          e);
    }
  }

  private static Thread thread(String what, String run, Runnable body) {
    Thread thread = RunThreads.daemon(what, run, body);
    thread.start();
    return thread;
  }

  @Override
  public void send(Map<String, ?> message) {
    outgoing.add(ValueEncoding.encode(message, "a message"));
  }

  @Override
  public void release(int task) {
    outgoing.release(task);
  }

  long pid() {
    return process.pid();
  }

  private void write() {
    try (OutputStream out = process.getOutputStream()) {
      while (true) {
        byte[] line = outgoing.take();
        if (line == OutgoingLines.END) {
          return;
        }
        out.write(line);
        out.write('\n');
        if (outgoing.idle()) {
          out.flush();
        }
      }
    } catch (IOException e) {
      log.debug("the bridge reads no more", e); // the reader tells how it ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    String problem = null;
    try (InputStream in = new BufferedInputStream(process.getInputStream(), 1 << 16)) {
      byte[] line = new byte[1 << 16];
      int length = 0;
      byte[] chunk = new byte[1 << 16];
      int read;
      while ((read = in.read(chunk)) >= 0) {
        int start = 0;
        for (int i = 0; i < read; i++) {
          if (chunk[i] == '\n') {
            line = append(line, length, chunk, start, i);
            handle(line, length + i - start);
            length = 0;
            start = i + 1;
          }
        }
        line = append(line, length, chunk, start, read);
        length += read - start;
      }
    } catch (IOException e) {
      problem = IoErrors.describe(e);
      log.debug("the bridge cannot be read", e);
    } catch (RuntimeException e) {
      boolean speaks = e instanceof ValueException || e instanceof IllegalArgumentException;
      problem = speaks ? String.valueOf(e.getMessage()) : e.toString();
      log.debug("the bridge cannot be understood", e);
    }
    if (!closing) {
      listener.ended(end(problem));
    }
  }

  private static byte[] append(byte[] line, int length, byte[] from, int start, int end) {
    byte[] target = line;
    if (length + end - start > line.length) {
      target = Arrays.copyOf(line, Math.max(line.length * 2, length + end - start));
    }
    System.arraycopy(from, start, target, length, end - start);
    return target;
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  private void handle(byte[] line, int length) {
    Object message = ValueEncoding.decode(line, length);
    if (!(message instanceof Map<?, ?>)) {
      throw new IllegalArgumentException("expected an object, got " + message);
    }
    listener.message((Map<String, @Nullable Object>) message);
  }

  private String end(@Nullable String problem) {
    String how = "cannot be understood: " + problem;
    try {
      if (problem == null) {
        how = "ended unexpectedly: "
            + (process.waitFor(5, TimeUnit.SECONDS)
                ? "exit code " + process.exitValue()
                : "it closed its output");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      how = "ended unexpectedly: interrupted";
    }
    return "the Dask bridge (process " + process.pid() + ") " + how
        + LogTail.named("stderr", errors);
  }

  @Override
  public void close() {
    closing = true;
    outgoing.end();
    boolean interrupted = false;
    try {
      if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("the Dask bridge does not end by itself and is killed");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    process.destroyForcibly();
    try {
      process.waitFor();
      if (Thread.currentThread() != reader) {
        reader.join(1000);
      }
      writer.join(1000);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
