import type { WandbItem } from "../format/wandb-records.js";

/** An object whose values are JSON texts or objects of the same kind. A Map, because keys come from producers. */
type Branch = Map<string, string | Branch>;

/** Puts items together that may be paths into nested objects, as the server's JSON has them. */
export class JsonTree {
  readonly #root: Branch = new Map();

  set({ key, json }: WandbItem): void {
    const path = typeof key === "string" ? [key] : key;
    let branch = this.#root;
    for (const part of path.slice(0, -1)) {
      let next = branch.get(part);
      if (!(next instanceof Map)) {
        next = new Map();
        branch.set(part, next);
      }
      branch = next;
    }
    branch.set(path.at(-1) ?? "", json);
  }

  entries(): IterableIterator<[string, string | Branch]> {
    return this.#root.entries();
  }

  toString(): string {
    return written(this.#root);
  }
}

function written(branch: Branch): string {
  const members: string[] = [];
  for (const [key, value] of branch) {
    members.push(`${JSON.stringify(key)}:${typeof value === "string" ? value : written(value)}`);
  }
  return `{${members.join(",")}}`;
}
