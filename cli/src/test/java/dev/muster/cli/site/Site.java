package dev.muster.cli.site;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real batch system on this machine, in its own words. */
interface Site {
  /** Returns the name of its strategy. */
  String strategy();

  /** Returns a folder that its jobs see under the same name. */
  Path workspace();

  /** Returns the command that starts Java as the owner of the jobs. */
  String java();

  /** Returns the options that every execution here needs. */
  Map<String, String> config();

  /** Returns the options of a pool, for example its queue. */
  Map<String, String> config(String pool);

  /** Returns the options with which the jobs of a pool are held at first. */
  Map<String, String> held();

  /** Returns the options with which a job can never start. */
  Map<String, String> impossible();

  /** Returns the options with which a submission is refused. */
  Map<String, String> refused();

  /** Returns the jobs in the queue, in the site's own words. */
  List<String> queue() throws Exception;

  /** Ends jobs, as somebody else would. */
  void remove(List<String> jobs) throws Exception;

  /** Lets held jobs go. */
  void release(List<String> jobs) throws Exception;

  /** Makes that the batch system does not answer; or that it does again. */
  void answer(boolean answers) throws Exception;

  /** Tells whether a run notices when it does not: not where the states of jobs stand in a file. */
  boolean missed();
}
