/** The proxy for an address, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say (lower case first, as in curl); null: none. */
export function proxyFor(target: URL, env: { readonly [name: string]: string | undefined }): URL | null {
  const named = (name: string): string | undefined => env[name.toLowerCase()] || env[name];
  const proxy =
    target.protocol === "https:" ? (named("HTTPS_PROXY") ?? named("HTTP_PROXY")) : named("HTTP_PROXY");
  if (!proxy || isExempt(target, named("NO_PROXY") ?? "")) return null;
  const address = proxy.includes("://") ? proxy : `http://${proxy}`;
  return URL.canParse(address) ? new URL(address) : null;
}

/** Entries are hosts, with or without a leading dot or "*.", which cover what lies below them, and perhaps a port; "*" is all. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", entryPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (entryPort !== undefined && entryPort !== ownPort) return false;
      return hostname === name || hostname.endsWith(`.${name}`);
    });
}
