package dev.muster.pixi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Packs an environment without trying it out: {@code PackMain PREFIX CACHE LEVEL}. scripts/pack-compare.sh measures it.
 */
final class PackMain {
  private PackMain() {}

  public static void main(String[] args) throws Exception {
    Path prefix = Path.of(args[0]).toAbsolutePath();
    Path cache = Path.of(args[1]);
    Store store = new Store(cache, null);
    List<Entry> entries = Tree.list(prefix, "", path -> false);
    Packer packer = new Packer(prefix, entries);
    String fingerprint = packer.fingerprint();
    Packed packed = store.find(prefix.toString(), fingerprint);
    if (packed == null) {
      Path made = store.temporary(".tar.gz");
      Packer.Result result = packer.pack(made, Integer.parseInt(args[2]));
      String name = "env-" + result.content().substring(0, 16);
      packed = store.add(
          prefix.toString(), fingerprint, Packed.PREFIX, name, ".tar.gz", made, result.manifest());
    }
    Files.writeString(
        cache.resolve("packed"),
        packed.sha256() + " " + packed.bytes() + " " + packed.name() + "\n");
  }
}
