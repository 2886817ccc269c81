package dev.muster.examples.plugin;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentOptions;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The workers' environment {@code modules}: software that a site offers as environment modules. */
public final class ModulesEnvironment implements EnvironmentProvider {
  @Override
  public String type() {
    return "modules";
  }

  @Override
  public void check(EnvironmentContext context) {
    PreparedEnvironment unused = prepare(context); // it only reads the options
  }

  @Override
  public PreparedEnvironment prepare(EnvironmentContext context) {
    EnvironmentOptions options = EnvironmentOptions.of(context, Set.of("load"));
    List<String> modules = options.texts("load", List.of());
    if (modules.isEmpty()) {
      throw options.wrong("load", "the names of modules, for example [python/3.11]");
    }
    return new PreparedEnvironment(
        List.of(), List.of("module load " + ShellWords.join(modules)), "python3", Map.of());
  }
}
