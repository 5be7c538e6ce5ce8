/** What a caller's environment may hold and a child must not see: it changes configs, what Node writes to a pipe, or uploads. */
const CALLERS_OWN = /^(?:EPISCOPE__.*|WANDB_.*|NO_COLOR|FORCE_COLOR|NODE_DISABLE_COLORS)$/;

/** The environment for a program that a test starts: this process's, without what would change the outcome. */
export function childEnvironment(
  changes: Readonly<Record<string, string>> = {},
  from: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(from).filter(([name]) => !CALLERS_OWN.test(name));
  return { ...Object.fromEntries(kept), WANDB_MODE: "offline", ...changes };
}
