import type { Verb } from "../verbs/verb.js";

interface VerbEntry {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** How the words read in `--help`, for instance "RUN [overrides…]". */
  readonly words: string;
  readonly hasFlags: boolean;
  /** Loads what it needs, which takes longer than all else that a short command does. */
  load(): Promise<Verb<never>>;
}

/** In the order of `--help`. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: "play",
    summary: "play ARC tasks with a sample agent and record them",
    words: "overrides: task_dir, episodes, max_steps, seed, agent, and every key of the config groups",
    hasFlags: true,
    load: async () => (await import("../verbs/play.js")).playVerb,
  },
  {
    name: "record",
    summary: "take a record stream (NDJSON or MessagePack) through the pipeline",
    words: "overrides: input (-, a file, or unix:PATH for a socket), and every key of the config groups",
    hasFlags: true,
    load: async () => (await import("../verbs/record.js")).recordVerb,
  },
  {
    name: "import",
    summary: "make a run of exported episodes (JSON, HDF5, pickle)",
    words: "files and folders with exports, then overrides of the config groups",
    hasFlags: true,
    load: async () => (await import("../verbs/derived/import.js")).importVerb,
  },
  {
    name: "fork",
    summary: "go on from a recorded step with an agent, as a new run",
    words:
      "RUN or RUN/episode_0001, then overrides: agent, max_steps, seed, and every key of the config groups",
    hasFlags: true,
    load: async () => (await import("../verbs/derived/fork.js")).forkVerb,
  },
  {
    name: "rerun",
    summary: "play or record again with the config that a run was made with",
    words: "RUN (or a lock file), then overrides of its config",
    hasFlags: true,
    load: async () => (await import("../verbs/rerun.js")).rerunVerb,
  },
  {
    name: "replay",
    summary: "give back the recorded stream, or draw the pictures of it again",
    words: "RUN, then overrides of visualization for pictures",
    hasFlags: true,
    load: async () => (await import("../verbs/replay.js")).replayVerb,
  },
  {
    name: "render",
    summary: "draw the overview of a run: index.html, run, tasks, metrics",
    words: "RUN, then overrides of visualization",
    hasFlags: true,
    load: async () => (await import("../verbs/pictures/render.js")).renderVerb,
  },
  {
    name: "export",
    summary: "write episodes as animated pictures (gif, apng)",
    words: "RUN, then overrides of visualization",
    hasFlags: true,
    load: async () => (await import("../verbs/pictures/export.js")).exportVerb,
  },
  {
    name: "show",
    summary: "show an episode's summary or one of its steps in the terminal",
    words: "RUN",
    hasFlags: true,
    load: async () => (await import("../verbs/show.js")).showVerb,
  },
  {
    name: "list",
    summary: "list the runs below a folder, or the episodes of a run",
    words: "folders or RUNs; 'outputs' where nothing is named",
    hasFlags: true,
    load: async () => (await import("../verbs/list.js")).listVerb,
  },
  {
    name: "search",
    summary: "find runs, episodes or steps by a query",
    words: "RUNs or folders, and a query between quotes: 'op == \"paste\" and dsim < 0'",
    hasFlags: true,
    load: async () => (await import("../verbs/search.js")).searchVerb,
  },
  {
    name: "analyze",
    summary: "say what runs have come to, and why episodes failed",
    words: "RUNs or folders",
    hasFlags: true,
    load: async () => (await import("../verbs/analyze.js")).analyzeVerb,
  },
  {
    name: "report",
    summary: "write an analysis as one HTML page with pictures",
    words: "RUNs or folders",
    hasFlags: true,
    load: async () => (await import("../verbs/report.js")).reportVerb,
  },
  {
    name: "compare",
    summary: "compare two runs task by task, or two episodes grid by grid",
    words: "RUN RUN, or RUN/episode_0001 RUN/episode_0002",
    hasFlags: true,
    load: async () => (await import("../verbs/compare.js")).compareVerb,
  },
  {
    name: "verify",
    summary: "check that runs are whole and that their records agree with each other",
    words: "RUN…",
    hasFlags: true,
    load: async () => (await import("../verbs/verify.js")).verifyVerb,
  },
  {
    name: "recover",
    summary: "repair runs that a crash or a damaged disk left behind",
    words: "RUN…",
    hasFlags: false,
    load: async () => (await import("../verbs/recover.js")).recoverVerb,
  },
  {
    name: "resume",
    summary: "bring pictures, exports and sinks of an interrupted run up to its end",
    words: "RUN…, then overrides of the config that it was recorded with",
    hasFlags: true,
    load: async () => (await import("../verbs/resume.js")).resumeVerb,
  },
  {
    name: "send",
    summary: "fill trackers and other sinks from runs that are over",
    words: "RUN…, then overrides of its config, for instance logging.wandb.project_name=mine",
    hasFlags: true,
    load: async () => (await import("../verbs/send.js")).sendVerb,
  },
  {
    name: "sync",
    summary: "send runs to Weights & Biases and Trackio, from where the servers are",
    words: "RUN…",
    hasFlags: true,
    load: async () => (await import("../verbs/sync.js")).syncVerb,
  },
  {
    name: "clean",
    summary: "delete what storage.cleanup_policy says until storage.max_storage_gb holds",
    words:
      "a folder in place of storage.base_output_dir; overrides: storage=…, storage.base_output_dir, storage.cleanup_policy, storage.max_storage_gb",
    hasFlags: true,
    load: async () => (await import("../verbs/clean.js")).cleanVerb,
  },
  {
    name: "config",
    summary:
      "compose a config and print it, explain where a value comes from, compare, check and edit configs",
    words:
      "overrides; --config-name play or record shows what those verbs compose. Or one of: set KEY=VALUE… --in FILE; unset KEY… --in FILE; init DIR; save GROUP/NAME OVERRIDE…; diff A B; lock [--in FILE]; migrate DIR [--write NEW_DIR]; validate [--all]; schema [--write DIR]",
    hasFlags: true,
    load: async () => (await import("../verbs/config/config.js")).configVerb,
  },
];
