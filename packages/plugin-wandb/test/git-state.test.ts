import { execFileSync } from "node:child_process";
import * as nodeFs from "node:fs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWandbServer, WANDB_TEST_KEY } from "@episcope/testing/wandb-server";
import { immediateWaiting } from "@episcope/tracker/testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
// Inside: environment and time of the sink are given here.
import { createWandbSink } from "../src/sink.js";
import { createWorld, OPTIONS, runEnd } from "./context.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "episcope-wandb-git-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const git = (...words: readonly string[]): string => {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...words], { cwd: folder, encoding: "utf8", stdio: "pipe" });
};

async function upload(saveCode: boolean) {
  const server = await startWandbServer();
  try {
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    const env = { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY };
    const world = createWorld({ fs: nodeFs, runDir: join(folder, "run") });
    const sink = createWandbSink({ ...OPTIONS, save_code: saveCode }, world.context, {
      env,
      waiting: immediateWaiting(),
    });
    await sink.write([runEnd("finished")], world.context.signal);
    await sink.close?.();
    return [...server.runs.values()][0]!;
  } finally {
    await server.close();
  }
}

it("save_code notes commit, origin without its password, and what is not committed", async () => {
  git("init", "--quiet");
  writeFileSync(join(folder, "train.py"), "lr = 1\n");
  git("add", "train.py");
  git("commit", "--quiet", "-m", "first");
  git("remote", "add", "origin", "https://user:hunter2@example.org/me/project.git");
  writeFileSync(join(folder, "train.py"), "lr = 2\n");
  const run = await upload(true);
  const commit = git("rev-parse", "HEAD").trim();
  expect(run.upserts[0]).toMatchObject({ commit, repo: "https://example.org/me/project.git" });
  const metadata = JSON.parse(Buffer.from(run.files.get("wandb-metadata.json")!).toString());
  expect(metadata.git).toEqual({ commit, remote: "https://example.org/me/project.git" });
  expect(Buffer.from(run.files.get("diff.patch")!).toString()).toContain("-lr = 1\n+lr = 2\n");
  expect(JSON.stringify([...run.upserts, metadata])).not.toContain("hunter2");
});

it("nothing of the code is noted unless it is asked for, nor outside a repository", async () => {
  expect((await upload(true)).upserts[0]).toMatchObject({ commit: null, repo: null });
  git("init", "--quiet");
  writeFileSync(join(folder, "a"), "a");
  git("add", "a");
  git("commit", "--quiet", "-m", "first");
  const run = await upload(false);
  expect([run.upserts[0]!["commit"], run.files.has("diff.patch")]).toEqual([null, false]);
});
