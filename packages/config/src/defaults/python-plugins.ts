/** A plugin of Hydra that public projects name. */
interface PythonPlugin {
  readonly group: string;
  readonly option: RegExp;
  /** The package in Python. */
  readonly name: string;
  readonly does: string;
  /** What takes its place here. */
  readonly instead: string;
}

const POOL =
  "Choose hydra/launcher=pool, which runs jobs in processes of this machine (hydra.launcher.n_jobs).";
const BASIC =
  "Choose hydra/sweeper=basic and name the values, or hand the search to a program that starts jobs.";

const PLUGINS: readonly PythonPlugin[] = [
  {
    group: "hydra/launcher",
    option: /^joblib$/,
    name: "hydra-joblib-launcher",
    does: "runs jobs in processes of one machine",
    instead: POOL,
  },
  {
    group: "hydra/launcher",
    option: /^submitit_(local|slurm)$/,
    name: "hydra-submitit-launcher",
    does: "hands jobs to a cluster's queue",
    instead: `${POOL} For a queue, submit one command per job.`,
  },
  {
    group: "hydra/launcher",
    option: /^ray(_aws|_jobs)?$/,
    name: "hydra-ray-launcher",
    does: "hands jobs to a Ray cluster",
    instead: POOL,
  },
  {
    group: "hydra/launcher",
    option: /^rq$/,
    name: "hydra-rq-launcher",
    does: "hands jobs to a queue in Redis",
    instead: POOL,
  },
  {
    group: "hydra/sweeper",
    option: /^optuna$/,
    name: "hydra-optuna-sweeper",
    does: "searches values with Optuna",
    instead: BASIC,
  },
  {
    group: "hydra/sweeper",
    option: /^ax$/,
    name: "hydra-ax-sweeper",
    does: "searches values with Ax",
    instead: BASIC,
  },
  {
    group: "hydra/sweeper",
    option: /^nevergrad$/,
    name: "hydra-nevergrad-sweeper",
    does: "searches values with Nevergrad",
    instead: BASIC,
  },
  {
    group: "hydra/sweeper",
    option: /^(orion|submitit|hebo|smac)$/,
    name: "a sweeper of its own package",
    does: "searches values",
    instead: BASIC,
  },
  {
    group: "hydra/sweeper/sampler",
    option: /./,
    name: "hydra-optuna-sweeper",
    does: "searches values with Optuna",
    instead: BASIC,
  },
];

/** What to do where a config names an option that a Python plugin brings along; undefined for any other. */
export function pluginAdvice(group: string, option: string): string | undefined {
  const plugin = PLUGINS.find((one) => one.group === group && one.option.test(option));
  if (plugin === undefined) return undefined;
  return `${group}: ${option} is of the Python plugin ${plugin.name}, which ${plugin.does}; Python's plugins do not run here. ${plugin.instead}`;
}
