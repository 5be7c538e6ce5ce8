import { EpiscopeError } from "@episcope/errors";
import { describe, expect, it } from "vitest";
import { CompositionProblems } from "../src/errors.js";
import { type ComposeOptions, ConfigStore, compose, composeSync, memorySource } from "../src/index.js";

const files = {
  "config.yaml": [
    "defaults:",
    "  - db: mysql",
    "  - server: apache",
    "  - _self_",
    "name: demo",
    "server:",
    "  port: 8080",
    "url: http://${server.host}:${server.port}",
    "",
  ].join("\n"),
  "db/mysql.yaml": "driver: mysql\nhost: localhost\n",
  "db/postgres.yaml": "driver: postgres\nhost: pg.example\n",
  "server/apache.yaml": "host: localhost\nport: 80\nworkers: 4\n",
  "server/nginx.yaml": "host: localhost\nport: 81\n",
};
const source = memorySource(files, { path: "conf", scheme: "file" });

function failure(options: Partial<ComposeOptions>): EpiscopeError {
  try {
    const { config } = composeSync({ source, name: "config", ...options });
    throw new Error(`composed: ${JSON.stringify(config)}`);
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
    throw error;
  }
}

describe("compose", () => {
  it("gives resolved, deeply frozen plain data without Hydra's node", async () => {
    const { config } = await compose({ source, name: "config", overrides: ["db=postgres", "server.port=9"] });
    expect(config).toEqual({
      db: { driver: "postgres", host: "pg.example" },
      server: { host: "localhost", port: 9, workers: 4 },
      name: "demo",
      url: "http://localhost:9",
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config["server"])).toBe(true);
    expect(Object.getPrototypeOf(config)).toBeNull();
  });

  it("types the config as the caller says, readonly at every depth", async () => {
    const { config } = await compose<{ server: { port: number } }>({ source, name: "config" });
    const port: number = config.server.port;
    expect(port).toBe(8080);
    // @ts-expect-error the config cannot be changed
    expect(() => (config.server.port = 1)).toThrow(TypeError);
  });

  it("remembers choices and overrides, those of Hydra apart", () => {
    const composition = composeSync({
      source,
      name: "config",
      overrides: ["db=postgres", "hydra.job.name=x", "+a=1"],
    });
    expect(composition.choices.get("db")).toBe("postgres");
    expect(composition.overrides).toEqual({ hydra: ["hydra.job.name=x"], task: ["db=postgres", "+a=1"] });
    expect(composition.value("hydra.job.override_dirname")).toBe("+a=1,db=postgres");
  });

  it("prints what --cfg job prints, and a package of it", () => {
    const composition = composeSync({ source, name: "config" });
    expect(composition.toYaml()).toContain("url: http://${server.host}:${server.port}\n");
    expect(composition.toYaml({ resolve: true })).toContain("url: http://localhost:8080\n");
    expect(composition.toYaml({ package: "db" })).toBe("driver: mysql\nhost: localhost\n");
    expect(() => composition.toYaml({ package: "name" })).toThrow(
      expect.objectContaining({ code: "CONFIG_KIND" }),
    );
  });

  it("is pure: without an environment oc.env knows nothing, without a time now fails", () => {
    expect(failure({ overrides: ["+home=${oc.env:HOME}"] }).code).toBe("INTERPOLATION_FAILED");
    expect(failure({ overrides: ["+t=${now:%Y}"] }).code).toMatch(/^INTERPOLATION/);
    const { config } = composeSync({
      source,
      name: "config",
      overrides: ["+home=${oc.env:HOME}", "+t=${now:%Y-%m-%d}"],
      env: { HOME: "/home/x" },
      now: new Date(2024, 2, 9),
    });
    expect(config).toMatchObject({ home: "/home/x", t: "2024-03-09" });
  });

  it("composing again gives the same, whatever was composed between", () => {
    const first = composeSync({ source, name: "config" });
    const text = first.toYaml();
    composeSync({ source, name: "config", overrides: ["db=postgres", "server.port=1", "++db.host=x"] });
    expect(composeSync({ source, name: "config" }).toYaml()).toBe(text);
    expect(first.toYaml()).toBe(text);
  });

  it("never changes what it read: configs are merged into copies", () => {
    const shared = memorySource({
      ...files,
      "config.yaml": "defaults:\n  - _self_\n  - db: mysql\ndb:\n  host: mine\n  deep: {a: 1}\n",
      "db/mysql.yaml": "host: theirs\ndeep: {b: 2}\n",
      "other.yaml": "defaults:\n  - _self_\n  - config\n",
    });
    const own = { deep: { a: 1 }, host: "mine" };
    composeSync({ source: shared, name: "config", overrides: ["db.deep.a=9", "db.host=x"] });
    const { config } = composeSync({ source: shared, name: "config" });
    expect(config).toEqual({ db: { host: "theirs", deep: { a: 1, b: 2 } } });
    expect(composeSync({ source: shared, name: "config", overrides: ["~db"] }).config).toEqual({ db: own });
    expect(composeSync({ source: shared, name: "other" }).config).toEqual(config);
  });

  it("takes structured configs from a store, closed to unknown keys", () => {
    const store = new ConfigStore().store({ group: "cache", name: "memory", node: { size: 10 } });
    const { config } = composeSync({
      source,
      name: "config",
      store,
      overrides: ["+cache=memory", "cache.size=20"],
    });
    expect(config).toMatchObject({ cache: { size: 20 } });
    expect(failure({ store, overrides: ["+cache=memory", "cache.sise=1"] }).message).toContain("cache.size");
  });
});

describe("explain", () => {
  it("names file, line and column of the winner, and every loser", () => {
    const explanation = composeSync({ source, name: "config" }).explain("server.port");
    expect(explanation).toEqual({
      key: "server.port",
      winner: { kind: "file", value: 8080, file: "conf/config.yaml", line: 7, column: 3 },
      losers: [{ kind: "file", value: 80, file: "conf/server/apache.yaml", line: 2, column: 1 }],
    });
  });

  it("names the override, and where it was given", () => {
    const composition = composeSync({
      source,
      name: "config",
      overrides: [{ text: "server.port=1", from: "environment variable APP__SERVER__PORT" }, "server.port=2"],
    });
    const explanation = composition.explain("server.port")!;
    expect(explanation.winner).toEqual({ kind: "override", value: 2, override: "server.port=2" });
    expect(explanation.losers.map(({ kind, value }) => [kind, value])).toEqual([
      ["override", 1],
      ["file", 8080],
      ["file", 80],
    ]);
    expect(explanation.losers[0]).toMatchObject({ from: "environment variable APP__SERVER__PORT" });
  });

  it("tells an untouched value, an interpolation and an unknown key", () => {
    const composition = composeSync({ source, name: "config" });
    expect(composition.explain("server.workers")).toMatchObject({
      winner: { file: "conf/server/apache.yaml", line: 3 },
      losers: [],
    });
    expect(composition.explain("url")).toMatchObject({
      winner: { value: "http://${server.host}:${server.port}", line: 8 },
    });
    expect(composition.explain("nothing.here")).toBeUndefined();
    expect(composition.explain("hydra.run.dir")).toMatchObject({ winner: { kind: "file" } });
  });
});

describe("errors of composing", () => {
  it("a missing option says where, which there are, and what was meant", () => {
    const sources = memorySource(
      { ...files, "config.yaml": "defaults:\n  - db: mysqll\n" },
      { path: "conf", scheme: "file" },
    );
    const error = failure({ source: sources });
    expect(error.code).toBe("OPTION_NOT_FOUND");
    expect(error.message).toBe(
      [
        "In 'config' (conf/config.yaml:2): config group 'db' has no option 'mysqll'.",
        "  Options: mysql, postgres. Did you mean 'mysql'?",
        "  Search path: pkg://hydra.conf, file://conf",
      ].join("\n"),
    );
    expect(error.toJSON()).toMatchObject({
      code: "OPTION_NOT_FOUND",
      fields: { file: "conf/config.yaml", line: 2, key: "db", options: ["mysql", "postgres"] },
    });
  });

  it("all missing choices are told at once", () => {
    const sources = memorySource({ ...files, "config.yaml": "defaults:\n  - db: ???\n  - server: ???\n" });
    const error = failure({ source: sources });
    expect(error).toBeInstanceOf(CompositionProblems);
    expect(error.code).toBe("CHOICE_MISSING");
    expect((error as CompositionProblems).problems.map(({ fields }) => fields.key).sort()).toEqual([
      "db",
      "server",
    ]);
  });

  it("overrides that are wrong for themselves are told at once", () => {
    const error = failure({
      overrides: ["nmae=x", "server.prt=1", "+db.host=y", "~nothing"],
    }) as CompositionProblems;
    expect(error.problems.map(({ code }) => code)).toEqual([
      "OVERRIDE_KEY",
      "OVERRIDE_KEY",
      "ADDITION_EXISTS",
      "DELETION_KEY",
    ]);
    expect(error.problems[0]!.message).toContain("Did you mean 'name'?");
    expect(error.problems[0]!.hint).toContain("+nmae=x");
    expect(error.problems[1]!.message).toContain("Did you mean 'server.port'?");
  });

  it.each([
    [{ overrides: ["dbb=mysql"] }, "OVERRIDE_KEY"],
    [{ overrides: ["dbb@x=mysql"] }, "OVERRIDE_NOT_GROUP"],
    [{ overrides: ["db@x=mysql"] }, "OVERRIDE_NO_MATCH"],
    [{ overrides: ["~db=postgres"] }, "DELETION_NO_MATCH"],
    [{ overrides: ["~name=other"] }, "DELETION_VALUE"],
    [{ overrides: ["++db=mysql"] }, "GROUP_FORCE_ADD"],
    [{ overrides: ["db=1"] }, "GROUP_VALUE"],
    [{ overrides: ["+db=mysql"] }, "CHOICE_DUPLICATE"],
    [{ overrides: ["+db=postgres"] }, "CHOICE_CONFLICT"],
    [{ overrides: ["db=mysql,postgres"] }, "SWEEP_WITHOUT_MULTIRUN"],
    [{ overrides: ["hydra.verbose=true,false"], mode: "multirun" as const }, "SWEEP_HYDRA"],
    [{ overrides: ["hydra.searchpath=x"] }, "SEARCH_PATH_INVALID"],
    [{ overrides: ["hydra.searchpath=[ftp://x]"] }, "SEARCH_PATH_SCHEME"],
    [{ overrides: ["hydra.job.num=x"] }, "OVERRIDE_MERGE"],
    [{ overrides: ["hydra.job.env_copy=[NOPE]"] }, "ENVIRONMENT_MISSING"],
    [{ name: "confg" }, "PRIMARY_CONFIG_NOT_FOUND"],
    [{ overrides: ["+x=???"] }, "VALUES_MISSING"],
  ])("%j is %s", (options, code) => {
    expect(failure(options).code).toBe(code);
  });

  it.each([
    ["- ../secret", "CONFIG_NAME"],
    ["- /../../etc/passwd", "CONFIG_NAME"],
    ["- 'db\\mysql'", "CONFIG_NAME"],
    ["- 'C:/x'", "CONFIG_NAME"],
    ['- "a\\0b"', "CONFIG_NAME"],
    ["- _self_@x", "DEFAULTS_INVALID"],
    ["- db: 1", "DEFAULTS_INVALID"],
    ["- [a]", "DEFAULTS_INVALID"],
    ["- {db: mysql, server: apache}", "DEFAULTS_INVALID"],
    ["- _self_\n- _self_", "DEFAULTS_SELF_TWICE"],
    ["- override db: mysql\n- server: apache", "DEFAULTS_ORDER"],
    ["- db: ${nothing}", "DEFAULTS_INTERPOLATION"],
    ["- nope", "CONFIG_NOT_FOUND"],
    ["- config", "DEFAULTS_TOO_DEEP"],
  ])("a defaults list %j is %s", (list, code) => {
    const text = `defaults:\n${list.replaceAll(/^/gm, "  ")}\na: 1\n`;
    const error = failure({ source: memorySource({ ...files, "config.yaml": text }) });
    expect(error.code).toBe(code);
  });

  it("found by fuzzing: what is missing is told before a file that cannot be read, as in Hydra", () => {
    const broken = memorySource({ "config.yaml": "defaults:\n  - net: x\n", "net/a.yaml": "w: {k: ???}\n" });
    expect(failure({ source: broken, overrides: ["net=[a,b]"] }).code).toBe("CONFIG_NOT_FOUND");
    const wrong = memorySource({ "config.yaml": "defaults:\n  - db: c\n", "db/c.yaml": "", "ui/c.yaml": "" });
    expect(failure({ source: wrong, overrides: ["db=[1,2]", "+ui=a"] }).code).toBe("OPTION_NOT_FOUND");
  });

  it("configs that include each other twice are stopped before they double without end", () => {
    const levels = Object.fromEntries(
      Array.from({ length: 30 }, (_, level) => [
        `l${level}.yaml`,
        `defaults:\n  - l${level + 1}@a\n  - l${level + 1}@b\n`,
      ]),
    );
    const error = failure({ source: memorySource({ ...levels, "l30.yaml": "a: 1\n" }), name: "l0" });
    expect(error.code).toBe("DEFAULTS_TOO_MANY");
  });

  it("config names never reach a source when they leave the root", () => {
    const asked: string[] = [];
    const spy = {
      ...source,
      read: (file: string) => {
        asked.push(file);
        return source.read(file);
      },
    };
    for (const name of ["../config", "a/../../config", "/../config", "..\\config", "a\0b", "C:\\x"]) {
      expect(failure({ source: spy, name }).code).toBe("CONFIG_NAME");
    }
    expect(asked).toEqual([]);
  });

  it("keys that reach prototypes are refused everywhere", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      expect(() => composeSync({ source, name: "config", overrides: [`+${key}.polluted=1`] }).config).toThrow(
        EpiscopeError,
      );
      expect(
        () => composeSync({ source, name: "config", overrides: [`+a={${key}:{polluted:1}}`] }).config,
      ).toThrow(EpiscopeError);
      expect(() =>
        new ConfigStore().store({ name: "x", node: JSON.parse(`{"${key}": {"polluted": 1}}`) }),
      ).toThrow(expect.objectContaining({ code: "STORE_KEY" }));
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
