package dev.muster.fasthep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** An environment with a script in place of Python, which answers what it is told to and counts how often. */
final class FakePython {
  final Path program;
  private final Path home;

  /**
   * @param answer what it answers, or null for nothing
   * @param more what the script does besides
   */
  FakePython(Path home, String answer, String more) throws IOException {
    this.home = home;
    Path bin = Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(packages().resolve("hepflow"));
    Files.createDirectories(packages().resolve("fasthep_flow-2026.10.1.dist-info"));
    Files.writeString(record(), "record");
    Files.writeString(home.resolve("pyvenv.cfg"), "include-system-site-packages = false\n");
    answer(answer);
    plan("plan");
    program = Files.writeString(bin.resolve("python"), """
        #!/bin/sh
        request=$(cat)
        echo "$1 $2" >>"%1$s/calls"
        echo "$request" >"%1$s/request"
        outdir=${request#*\\"outdir\\":\\"}
        outdir=${outdir%%%%\\"*}
        %2$s
        mkdir -p "$outdir/muster/plans"
        cp "%1$s/plan" "$outdir/muster/plans/plan.pickle"
        [ ! -s "%1$s/answer" ] || cp "%1$s/answer" "$outdir/muster/answer.json"
        """.formatted(home, more));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path packages() {
    return home.resolve("lib/python3.11/site-packages");
  }

  Path record() {
    return packages().resolve("fasthep_flow-2026.10.1.dist-info/RECORD");
  }

  void plan(String plan) throws IOException {
    Files.writeString(home.resolve("plan"), plan);
  }

  void answer(String answer) throws IOException {
    Files.writeString(home.resolve("answer"), answer == null ? "" : answer);
  }

  int calls() throws IOException {
    Path calls = home.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  String request() throws IOException {
    return Files.readString(home.resolve("request"));
  }

  List<String> words() throws IOException {
    return Files.readAllLines(home.resolve("calls"));
  }
}
