import { describe, expect, it } from "vitest";
import { ApplicationWorld } from "./fixtures/application.js";

const FILES = {
  "config.yaml": "defaults: [db: mysql, _self_]\nport: 80\nurl: http://${db.host}:${port}\n",
  "db/mysql.yaml": "host: localhost\n",
  "db/pg.yaml": "host: example.org\n",
  "other.yaml": "x: 1\n",
};

const here = new ApplicationWorld(FILES);
here.write("more/db/lite.yaml", "host: file\n");
here.write("elsewhere/config.yaml", "z: 2\n");
const run = (...argv: string[]) => here.run(() => undefined, argv);

// What Hydra prints is compared in the category `cli` of the recorded cases; here is how flags are written.
describe("flags", () => {
  it.each([
    [["--cfg", "job", "-p", "db"], "# @package db\nhost: localhost\n"],
    [["-c", "job", "-p=db"], "# @package db\nhost: localhost\n"],
    [["-c=job", "-pdb"], "# @package db\nhost: localhost\n"],
    [["--cfg=job", "--package=db.host"], "localhost\n"],
    [["--cfg=job", "--pack", "url"], "http://localhost:80\n"],
    [
      ["--cfg", "job", "-p", "_global_", "--resolve"],
      "db:\n  host: localhost\nport: 80\nurl: http://localhost:80\n",
    ],
    [["-cn", "other", "-c", "job"], "x: 1\n"],
    [["-cn=other", "-cn", "config", "-c", "job", "-p", "port"], "80\n"],
    [["-cp", "elsewhere", "-c", "job"], "z: 2\n"],
    [["-cd", "more", "db=lite", "-c", "job", "-p", "db"], "# @package db\nhost: file\n"],
    [["db=pg", "-c", "job", "-p", "db", "db.host=x"], "# @package db\nhost: x\n"],
    [["--version"], "Hydra 1.3.8\n"],
  ])("%j", async (argv, out) => {
    expect(await run(...argv)).toEqual({ status: 0, out, err: "" });
  });

  it.each([
    [["--nope"], 2, "APPLICATION_FLAG"],
    [["--multi=3"], 2, "takes no value"],
    [["--cfg=nope"], 2, "APPLICATION_FLAG_VALUE"],
    [["--cfg"], 2, "needs a value"],
    [["--cfg", "nope"], 2, "takes job, hydra, all"],
    [["--config"], 2, "--config-path"],
    [["--resolve"], 1, "belongs to --cfg"],
    [["--resolve"], 1, "APPLICATION_FLAGS"],
    [["--help", "hydra.help.template=$NOPE"], 1, "HELP_TEMPLATE"],
    [["hydra.run.dir=conf/config.yaml/below"], 1, "JOB_DIRECTORY"],
    [["--cfg", "job", "-m"], 1, "Only one of"],
    [["--cfg", "job", "-p", "nope"], 1, "CONFIG_PACKAGE"],
    [["-cd", "nowhere"], 1, "nowhere"],
    [["-cp", "conf/config.yaml"], 1, "APPLICATION_CONFIG_PATH"],
  ])("%j is refused", async (argv, status, text) => {
    const outcome = await run(...argv);
    expect([outcome.status, outcome.out]).toEqual([status, ""]);
    expect(outcome.err).toContain(text);
  });

  it("a key that is written as a flag is told to be none", async () => {
    expect((await run("--port=3")).err).toContain("A key of the config is set without dashes: port=…");
  });

  it("--info all names what the program has", async () => {
    const { out } = await run("--info");
    expect(out).toMatch(/^Hydra 1\.3\.8\n=+\nInstalled Hydra Plugins\n\*+\n\tConfigSource:\n/);
    expect(out).toContain("\t\tBasicLauncher\n");
    expect(out).toMatch(/Config\n\*+\ndb:\n {2}host: localhost\n/);
  });

  it("--hydra-help lists the flags and Hydra's groups", async () => {
    const { out } = await run("--hydra-help");
    expect(out).toContain("--multirun,-m : ");
    expect(out).toContain("hydra/job_logging: default, disabled, none, stdout\n");
  });
});
