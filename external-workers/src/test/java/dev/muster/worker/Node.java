package dev.muster.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A checkpoint directory as Tierkreis makes it, with one node to be called, and a registry of workers. */
final class Node {
  static final String PLACE = "00000000-0000-0000-0000-000000000064/-.N2";

  final Path base;
  final Path registry;
  final Map<String, String> inputs = new LinkedHashMap<>();
  final Map<String, String> outputs = new LinkedHashMap<>();
  String error = PLACE + "/_error";
  final String logs = "00000000-0000-0000-0000-000000000064/logs";

  Node(Path folder) throws IOException {
    base = Files.createDirectories(folder.resolve("check points"));
    registry = Files.createDirectories(folder.resolve("workers = a:b"));
    Files.createDirectories(at("outputs"));
  }

  Path at(String name) {
    return base.resolve(PLACE).resolve(name);
  }

  Node input(String port, String text) throws IOException {
    String path = "00000000-0000-0000-0000-000000000064/-.N" + inputs.size() + "/outputs/" + port;
    Files.createDirectories(base.resolve(path).getParent());
    Files.writeString(base.resolve(path), text);
    inputs.put(port, path);
    return this;
  }

  Node output(String port) {
    outputs.put(port, PLACE + "/outputs/" + port);
    return this;
  }

  /** Makes a program of the registry. */
  Node program(String path, String text) throws IOException {
    Path file = registry.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  WorkerCall call(String function) {
    return new WorkerCall(
        function, inputs, outputs, PLACE + "/outputs", PLACE + "/_done", error, logs);
  }

  Path definition(String worker, String function) throws IOException {
    Files.writeString(
        at("nodedef"),
        "{\"type\":\"function\",\"function_name\":\"" + worker + "." + function + "\"}");
    return Files.write(at("definition"), call(function).bytes());
  }

  /** Runs it as {@code muster worker call} does. */
  void run(String worker, String function, String executor) throws Exception {
    WorkerCalls.read(definition(worker, function), null, executor, List.of(registry), null)
        .run();
  }

  String text(String name) throws IOException {
    return Files.readString(at(name));
  }
}
