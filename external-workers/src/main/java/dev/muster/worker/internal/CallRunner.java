package dev.muster.worker.internal;

/** Runs calls of one worker. Thread-safe. */
interface CallRunner {
  /**
   * Runs a call to its end. When the thread is interrupted, what runs is ended.
   *
   * @param environment the variables that processes of workers have
   * @throws dev.muster.run.TaskException if the worker failed, or cannot be started
   * @throws Exception if it cannot be run
   */
  void run(CallPlace place, CallEnvironment environment) throws Exception;
}
