package dev.muster.plan;

import dev.muster.resource.Quantities;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import org.jspecify.annotations.Nullable;

/** All that the route of a stage depends on: stages that ask the same go the same way. */
record Question(
    Requirement requirement,
    Quantities quantities,
    @Nullable ProcessOn processOn,
    @Nullable String backend,
    @Nullable String executor) {
  /** Returns what a stage asks that has a requirement and nothing else to say. */
  static Question of(Requirement requirement) {
    return new Question(requirement, Quantities.none(), null, null, null);
  }

  static Question of(Stage stage) {
    return of(stage, stage.requirement());
  }

  /** Returns what {@code stage} would ask with another requirement. */
  static Question of(Stage stage, Requirement requirement) {
    StageEnvironment environment = stage.environment();
    return new Question(
        requirement,
        environment.resources(),
        environment.processOn(),
        stage.backend(),
        stage.executor() != null ? stage.executor() : environment.executor());
  }

  /** Tells whether only pools of some size or with some processor will do. */
  boolean measured() {
    return processOn != null || !quantities.isEmpty();
  }

  /** Returns the quantities that a worker must have, the GPU of {@code process_on: gpu} included. */
  Quantities need() {
    return processOn == ProcessOn.GPU && !quantities.hasGpus()
        ? quantities.toBuilder().gpus(1).build()
        : quantities;
  }
}
