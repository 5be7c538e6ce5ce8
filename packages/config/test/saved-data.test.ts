import { compose, memorySource, savedData, showConfig } from "@episcope/config";
import { secretResolver } from "@episcope/config/node";
import { describe, expect, it } from "vitest";

const CANARY = "canary-5b1d9";

async function saved(
  yaml: string,
  env: Record<string, string> = { TOKEN: CANARY, N: "3", KEY_FILE: "/key" },
) {
  const secrets: string[] = [];
  const secret = secretResolver({
    env,
    readFile: () => `${CANARY}\n`,
    onSecret: (value) => secrets.push(value),
  });
  const { config } = await compose({
    source: memorySource({ "config.yaml": yaml }),
    name: "config",
    env,
    resolvers: new Map([["secret", secret]]),
    now: new Date(0),
  });
  return { config: config as Record<string, unknown>, kept: savedData(config as object), secrets };
}

describe("what of a composed config may be kept", () => {
  it("is resolved, but for what comes from the environment or is secret, by whatever way", async () => {
    const { config, kept } = await saved(
      [
        "plain: ${other}",
        "other: 7",
        "direct: ${oc.env:TOKEN}",
        "inside: [1, {deep: 'x-${oc.env:TOKEN}'}]",
        "through: ${.direct}",
        "decoded: ${oc.decode:${oc.env:N}}",
        "selected: ${oc.select:direct}",
        "fallback: ${oc.env:NOT_SET,none}",
        "secret: ${secret:TOKEN}",
        "file: ${secret:KEY}",
        "again: ${secret}",
        "when: ${now:%Y}",
      ].join("\n"),
    );
    expect(config).toMatchObject({
      through: CANARY,
      again: CANARY,
      file: CANARY,
      decoded: 3,
      fallback: "none",
    });
    expect(kept).toEqual({
      plain: 7,
      other: 7,
      direct: "${oc.env:TOKEN}",
      inside: [1, { deep: "x-${oc.env:TOKEN}" }],
      through: "${.direct}",
      decoded: "${oc.decode:${oc.env:N}}",
      selected: "${oc.select:direct}",
      fallback: "${oc.env:NOT_SET,none}",
      secret: "${secret:TOKEN}",
      file: "${secret:KEY}",
      again: "${secret}",
      when: "1970",
    });
    expect(JSON.stringify(kept)).not.toContain(CANARY);
  });

  it("of data that no composition gave is nothing", () => {
    expect(savedData({ a: "${oc.env:TOKEN}" })).toBeUndefined();
  });

  it("names a secret that is not there, and tells the program of those that are", async () => {
    await expect(saved("a: ${secret:NOPE}")).rejects.toThrow(/NOPE/);
    expect((await saved("a: ${secret:TOKEN}")).secrets).toContain(CANARY);
  });
});

describe("configs made to harm", () => {
  it("get a typed error where each value doubles the work of the one before", async () => {
    const levels = Array.from({ length: 40 }, (_, i) =>
      i === 0 ? "a0: x" : `a${i}: \${a${i - 1}}\${a${i - 1}}`,
    );
    await expect(saved(levels.join("\n"))).rejects.toMatchObject({ code: "INTERPOLATION_LIMIT" });
    const through = Array.from({ length: 40 }, (_, i) =>
      i === 0 ? "a0: x" : `a${i}: \${oc.select:a${i - 1}}\${oc.decode:"\${oc.select:a${i - 1}}"}`,
    );
    await expect(saved(through.join("\n"))).rejects.toMatchObject({ code: "INTERPOLATION_LIMIT" });
  });

  it.each([
    ["a header", { "config.yaml": "defaults: [g: a]", "g/a.yaml": "# @package __proto__\nx: 1" }],
    ["a defaults list", { "config.yaml": "defaults: [{g@__proto__: a}]", "g/a.yaml": "x: 1" }],
    [
      "a package of several keys",
      { "config.yaml": "defaults: [{g@a.constructor.b: a}]", "g/a.yaml": "x: 1" },
    ],
    ["a package in brackets", { "config.yaml": "defaults: [{'g@a[prototype]': a}]", "g/a.yaml": "x: 1" }],
  ])("cannot name a forbidden key in %s", async (_, files) => {
    await expect(
      compose({ source: memorySource(files), name: "config", now: new Date(0) }),
    ).rejects.toMatchObject({ code: "FORBIDDEN_KEY" });
  });

  it("cannot name one in an override either", async () => {
    const source = memorySource({ "config.yaml": "a: 1", "g/a.yaml": "x: 1" });
    for (const override of ["+g@__proto__=a", "+g@b.constructor=a", "+__proto__.x=1"]) {
      await expect(
        compose({ source, name: "config", overrides: [override], now: new Date(0) }),
      ).rejects.toThrow(/not allowed/);
    }
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

it("a secret that is not there is an error that names its variables", async () => {
  const thrown = await saved("a: ${secret:NOBODY}", {}).then(
    ({ config }) => config["a"],
    (error: unknown) => error,
  );
  expect(JSON.stringify(chainOf(thrown))).toContain("SECRET_MISSING");
});

/** Codes of an error and of its causes. */
function chainOf(error: unknown): unknown[] {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return cause === undefined ? [code] : [code, ...chainOf(cause)];
}

describe("a config that is shown resolved", () => {
  const text = [
    "token: ${secret:TOKEN}",
    'list: [1, "Bearer ${token}"]',
    "decoded: ${oc.decode:${secret:JSON}}",
    "all: ${list}",
    "plain: ${oc.env:N}",
  ].join("\n");
  const composed = () =>
    compose({
      source: memorySource({ "config.yaml": text }),
      name: "config",
      env: { N: "3" },
      resolvers: new Map([
        ["secret", secretResolver({ env: { TOKEN: CANARY, JSON: `{user: ${CANARY}x, port: 70991}` } })],
      ]),
    });

  it("has a mask in place of all that a secret is part of, unless secrets are asked for", async () => {
    const composition = await composed();
    const masked = "token: '***'\nlist:\n- 1\n- '***'\ndecoded: '***'\nall:\n- 1\n- '***'\nplain: '3'\n";
    expect(composition.toYaml({ resolve: true })).toBe(masked);
    expect(composition.toYaml({ resolve: true, keepMissing: true })).toBe(masked);
    expect(showConfig(composition, { part: "job", resolve: true })).toBe(masked);
    expect(showConfig(composition, { part: "job", package: "token" })).toBe("***\n");
    const open = composition.toYaml({ resolve: true, secrets: true });
    expect(open).toContain(`- Bearer ${CANARY}\n`);
    expect(open).toContain("  port: 70991\n");
    expect((composition.config as { token: string }).token).toBe(CANARY);
  });

  it("says which secret is missing", async () => {
    const composition = await compose({
      source: memorySource({ "config.yaml": "a: ${secret:NOPE}\n" }),
      name: "config",
      resolvers: new Map([["secret", secretResolver({ env: {} })]]),
    });
    expect(() => composition.toYaml({ resolve: true })).toThrow("NOPE");
  });
});
