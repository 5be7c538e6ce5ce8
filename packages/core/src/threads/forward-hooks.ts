import type { EpisodeStartRecord } from "@episcope/records";
import type { RunHooks } from "../contract/hooks.js";
import type { RunIdentity } from "../contract/roles.js";
import { type HookName, SYNC_HOOKS } from "./sink-messages.js";

export interface ForwardHooksOptions {
  /** Whose events are forwarded. */
  readonly hooks: RunHooks;
  /** Name of the taps, for messages. */
  readonly name: string;
  /** Passes on what nobody waits for. */
  tell(hook: HookName, args: readonly unknown[]): void;
  /** Passes on what is waited for. */
  ask(hook: HookName, args: readonly unknown[]): Promise<void>;
}

interface AnyHook {
  tap(name: string, fn: (...args: readonly unknown[]) => void): void;
  tapPromise(name: string, fn: (...args: readonly unknown[]) => Promise<void>): void;
}

/** Passes the events of exactly those hooks on that somebody elsewhere listens to. */
export class ForwardHooks {
  readonly #options: ForwardHooksOptions;
  readonly #tapped: Set<HookName> = new Set();
  #run: RunIdentity | null = null;
  readonly #open: Map<number, EpisodeStartRecord> = new Map();

  constructor(options: ForwardHooksOptions) {
    this.#options = options;
  }

  /** Begins with a hook; a second time changes nothing. */
  tap(hook: HookName): void {
    if (this.#tapped.has(hook)) return;
    this.#tapped.add(hook);
    const { hooks, name, tell, ask } = this.#options;
    const target = hooks[hook] as unknown as AnyHook;
    if (SYNC_HOOKS.includes(hook)) target.tap(name, (...args) => tell(hook, args));
    else target.tapPromise(name, (...args) => ask(hook, args));
    if (hook === "runStart") {
      hooks.runStart.tap(name, (run) => {
        this.#run = run;
      });
    }
    if (hook === "episodeStart") {
      hooks.episodeStart.tap(name, (record, number) => void this.#open.set(number, record));
      hooks.episodeEnd.tap(name, (_record, number) => void this.#open.delete(number));
    }
  }

  /** What a listener that comes anew has to hear first. */
  missed(): { readonly hook: HookName; readonly args: readonly unknown[] }[] {
    return [
      ...(this.#run === null ? [] : [{ hook: "runStart" as const, args: [this.#run] }]),
      ...[...this.#open].map(([number, record]) => ({
        hook: "episodeStart" as const,
        args: [record, number],
      })),
    ];
  }
}
