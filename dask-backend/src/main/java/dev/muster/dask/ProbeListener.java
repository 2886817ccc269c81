package dev.muster.dask;

import com.google.common.io.BaseEncoding;
import com.google.common.io.ByteStreams;
import dev.muster.internal.thread.RunThreads;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for what jobs saw where they ran, as one JSON object a connection. Thread-safe. */
final class ProbeListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProbeListener.class);
  private static final int MOST_BYTES = 1 << 20;
  private static final int READ_MILLIS = 10_000;

  private final ServerSocket server;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Map<String, @Nullable Object>> answers = new HashMap<>();
  private final Thread reader = RunThreads.daemon("probe", "probe", this::read);

  private ProbeListener(ServerSocket server) {
    this.server = server;
    reader.start();
  }

  /**
   * Starts to listen.
   *
   * @param port where; 0 for any free port
   * @param host the interface, or null for loopback where jobs run on this host, else for this host's address
   */
  static ProbeListener open(@Nullable String host, int port, boolean local) throws IOException {
    InetAddress address = host != null
        ? InetAddress.getByName(host)
        : local ? InetAddress.getLoopbackAddress() : InetAddress.getLocalHost();
    return new ProbeListener(new ServerSocket(port, 50, address));
  }

  int port() {
    return server.getLocalPort();
  }

  List<String> hosts() {
    return List.of(server.getInetAddress().getHostAddress());
  }

  /** Returns a word that only one job knows. */
  String token() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return BaseEncoding.base16().lowerCase().encode(bytes);
  }

  /** Returns what the job with a token told, or null if it has not yet. */
  synchronized @Nullable Map<String, @Nullable Object> answer(String token) {
    return answers.get(token);
  }

  /** Waits until something was told, or for that long. */
  @SuppressWarnings("WaitNotInLoop") // the caller looks again
  synchronized void await(Duration limit) throws InterruptedException {
    wait(limit.toMillis());
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  private void read() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setSoTimeout(READ_MILLIS);
        InputStream in = ByteStreams.limit(socket.getInputStream(), MOST_BYTES);
        if (ValueEncoding.decode(in.readAllBytes()) instanceof Map<?, ?> answer
            && answer.get("token") instanceof String token) {
          synchronized (this) {
            answers.put(token, (Map<String, @Nullable Object>) answer);
            notifyAll();
          }
        }
      } catch (SocketException e) {
        log.debug("the probe's listener ends: {}", e.getMessage());
      } catch (IOException | ValueException e) {
        log.debug("somebody said what is no answer of a probe", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
