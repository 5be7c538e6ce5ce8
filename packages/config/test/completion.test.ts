import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ApplicationWorld } from "./fixtures/application.js";

const here = new ApplicationWorld({
  "config.yaml": "defaults: [db: mysql, _self_]\nport: 80\ndebug: false\nmodel: {lr: 0.1, layers: 2}\n",
  "db/mysql.yaml": "host: localhost\n",
  "db/postgres.yaml": "host: example.org\nssl: true\n",
});

async function completed(line: string): Promise<string[]> {
  here.env["COMP_LINE"] = `app ${line}`;
  here.env["COMP_POINT"] = String(here.env["COMP_LINE"].length);
  const task = () => {
    throw new Error("a completion runs nothing");
  };
  const { status, out, err } = await here.run(task, ["-sc", "query=bash"]);
  expect([status, err]).toEqual([0, ""]);
  return out.split("\n").slice(0, -1);
}

describe("completion", () => {
  it.each([
    ["", ["db.", "db=", "debug=", "hydra/", "model.", "port="]],
    ["d", ["db.", "db=", "debug="]],
    ["db=", ["db=mysql", "db=postgres"]],
    ["db=p", ["db=postgres"]],
    ["+db=p", ["+db=postgres"]],
    ["~d", ["~db.", "~db=", "~debug="]],
    ["++model.l", ["++model.layers=", "++model.lr="]],
    ["db=mysql,", ["db=mysql,mysql", "db=mysql,postgres"]],
    ["debug=", ["debug=false", "debug=true"]],
    ["db=postgres db.", ["db.host=", "db.ssl="]],
    ["nope=1 model.lr", ["model.lr="]],
    ["hydra/job_logging=d", ["hydra/job_logging=default", "hydra/job_logging=disabled"]],
    ["--config-", ["--config-dir", "--config-name", "--config-path"]],
    ["nothing.", []],
  ])("of %j", async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  it.each(["bash", "zsh", "fish"])("has a script for %s, and one that takes it away", async (shell) => {
    const task = () => undefined;
    const installed = await here.run(task, ["-sc", `install=${shell}`]);
    expect([installed.status, installed.out]).toEqual([0, expect.stringContaining(`-sc query=${shell}`)]);
    expect((await here.run(task, ["-sc", `uninstall=${shell}`])).out).toContain("app");
    // A shell that is here reads what it is to evaluate.
    const checked = spawnSync(shell, ["-n"], { input: installed.out, encoding: "utf8" });
    expect(checked.error === undefined ? checked.stderr : "").toBe("");
  });

  it("says which shells there are", async () => {
    const { status, err } = await here.run(() => undefined, ["-sc", "install=csh"]);
    expect([status, err]).toEqual([2, expect.stringContaining("install=zsh")]);
    expect(err).toContain("COMPLETION_SHELL");
  });
});
