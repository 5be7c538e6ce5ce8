import type { FileSystem } from "@episcope/records/store";
import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const FIRST = "/project/outputs/dev_episodes/run";
const CHANGES = /^(?:mkdir|mkdtemp|open|write|writeFile|rename|unlink|rm|ftruncate|copyFile)Sync$/;

/** Below the run's directory nothing can be changed from the moment on in which its second episode gets one. */
function readOnlyLater(fs: FileSystem): FileSystem {
  const files = new Map<unknown, string>();
  let readOnly = false;
  return new Proxy(fs, {
    get(inner, name: string) {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== "function" || !CHANGES.test(name)) return member;
      return (...args: unknown[]) => {
        const path = files.get(args[0]) ?? String(args[0]);
        if (path === `${FIRST}/episode_0002`) readOnly = true;
        if (readOnly && path.startsWith(FIRST) && !(name === "openSync" && args[1] === "r"))
          throw Object.assign(new Error(`EROFS: read-only, ${name}`), { code: "EROFS", syscall: name });
        const result: unknown = member.apply(inner, args);
        if (name === "openSync") files.set(result, path);
        return result;
      };
    },
  });
}

describe("a run whose directory becomes read-only", () => {
  it("goes on in fallback_dir, ends with 3, and every reading verb joins both", async () => {
    const world = createWorld({ disk: readOnlyLater });
    const words = [
      "episodes=3",
      "visualization=debug_off",
      "storage.run_name=run",
      "storage.fallback_dir=spare",
    ];
    const played = await world.run("play", ...words);
    expect(played.status).toBe(3);
    expect(played.messages.match(/The run goes on in \/project\/spare\/run/g)).toHaveLength(1);
    // The same disk, which can be written again.
    const reader = world.with({ disk: (fs) => fs });
    const { out } = await reader.run("list", "spare/run");
    expect(out).toContain("run: 3 episodes\n");
    const steps = await reader.run("replay", "spare/run");
    expect(steps.out.match(/"type":"episode-end"/g)).toHaveLength(3);
    expect((await reader.run("verify", "spare/run")).status).toBe(0);
    const recovered = await reader.run("recover", "spare/run");
    expect(recovered).toMatchObject({
      status: 0,
      out: expect.stringContaining("3 episodes in 2 directories"),
    });
    const [first, second] = [await reader.run("replay", "outputs/dev_episodes/run"), steps];
    expect(first.out).toBe(second.out);
  });
});
