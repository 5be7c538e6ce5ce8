import { expect, it } from "vitest";
// Inside: which proxy an address has, without a connection.
import { proxyFor } from "../src/http/proxy.js";

const proxy = (url: string, env: { readonly [name: string]: string }): string | undefined =>
  proxyFor(new URL(url), env)?.host;

it("an address has the proxy of its protocol, and https that of http where it has none of its own", () => {
  const both = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "tls:2" };
  expect([proxy("http://a.example", both), proxy("https://a.example", both)]).toEqual(["plain:1", "tls:2"]);
  expect(proxy("https://a.example", { HTTP_PROXY: "http://plain:1" })).toBe("plain:1");
  expect(proxy("https://a.example", { https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" })).toBe(
    "lower:1",
  );
  expect(proxy("https://a.example", {})).toBeUndefined();
});

it.each([
  ["a.example", "https://a.example", true],
  ["a.example", "https://deep.a.example", true],
  [".a.example", "https://a.example", true],
  ["*.a.example", "https://deep.a.example", true],
  ["a.example", "https://banana.example", false],
  ["a.example:8443", "https://a.example:8443", true],
  ["a.example:8443", "https://a.example", false],
  ["other.example, a.example", "https://a.example", true],
  ["*", "https://a.example", true],
])("NO_PROXY=%s and %s: no proxy is %s", (list, url, isExempt) => {
  expect(proxy(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: list }) === undefined).toBe(isExempt);
});
