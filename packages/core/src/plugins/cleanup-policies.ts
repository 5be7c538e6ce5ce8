import type {
  CleanupLimits,
  CleanupPolicy,
  CleanupStep,
  Inventory,
  InventoryEpisode,
} from "@episcope/records/store";
import { definePlugin, type PluginDefinition } from "../contract/plugin.js";

type Policy = PluginDefinition<"cleanup-policy", Record<string, never>>;

/** `cleanup_policy=oldest_first`: whole episodes, those that ended first. */
export const oldestFirst: Policy = policy("oldest_first", (inventory, limits) => {
  const plan = new Plan(inventory, limits);
  for (const episode of closed(inventory).sort(byAge)) plan.take(episode, "episode", "the oldest");
  return plan.steps;
});

/**
 * `cleanup_policy=size_based`: pictures first, because they can be drawn again, the largest first; then whole episodes
 * by size. Within both, failures go before successes, and the newest episode of all is the last.
 */
export const sizeBased: Policy = policy("size_based", (inventory, limits) => {
  const plan = new Plan(inventory, limits);
  const episodes = closed(inventory);
  const newest = [...episodes].sort(byAge).at(-1);
  const rank = (size: (episode: InventoryEpisode) => number) => (a: InventoryEpisode, b: InventoryEpisode) =>
    Number(a === newest) - Number(b === newest) ||
    Number(a.success) - Number(b.success) ||
    size(b) - size(a) ||
    byAge(a, b);
  for (const episode of [...episodes].sort(rank((one) => one.pictureBytes))) {
    if (episode.pictureBytes > 0) plan.take(episode, "pictures", "pictures can be drawn again");
  }
  for (const episode of [...episodes].sort(rank((one) => one.logBytes))) {
    plan.take(episode, "episode", episode.success ? "successes go last" : "the largest log");
  }
  return plan.steps;
});

/** `cleanup_policy=manual`: nothing is deleted; a person runs `episcope clean` with another policy. */
export const manual: Policy = policy("manual", () => []);

function policy(name: string, plan: CleanupPolicy["plan"]): Policy {
  return definePlugin<"cleanup-policy">({
    kind: "cleanup-policy",
    name,
    options: { type: "object", additionalProperties: false, properties: {} },
    create: () => ({ plan }),
  });
}

/** Collects steps until the total is within the limit. */
class Plan {
  readonly steps: CleanupStep[] = [];
  readonly #limit: number;
  readonly #picturesTaken: Set<InventoryEpisode> = new Set();
  #total: number;

  constructor(inventory: Inventory, limits: CleanupLimits) {
    this.#total = inventory.totalBytes;
    this.#limit = limits.maxBytes;
  }

  take(episode: InventoryEpisode, what: CleanupStep["what"], reason: string): void {
    if (this.#total <= this.#limit) return;
    const pictures = this.#picturesTaken.has(episode) ? 0 : episode.pictureBytes;
    const bytes = what === "pictures" ? pictures : pictures + episode.logBytes;
    if (what === "pictures") this.#picturesTaken.add(episode);
    this.#total -= bytes;
    this.steps.push({ run: episode.run, episode: episode.number, what, bytes, reason });
  }
}

function closed(inventory: Inventory): InventoryEpisode[] {
  return inventory.episodes.filter((episode) => episode.ended !== null);
}

function byAge(a: InventoryEpisode, b: InventoryEpisode): number {
  return a.ended! - b.ended! || (a.run < b.run ? -1 : a.run > b.run ? 1 : a.number - b.number);
}
