import { isMap, type Node, type Pair, parseDocument } from "yaml";

/** What the comments of a config file say about its keys: behind a value, or in the lines above it. */
export function commentsOf(text: string): ReadonlyMap<string, string> {
  const comments = new Map<string, string>();
  const visit = (node: unknown, prefix: string): void => {
    if (!isMap(node)) return;
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const name = String((pair.key as { readonly value?: unknown }).value);
      const key = prefix === "" ? name : `${prefix}.${name}`;
      const comment = pair.value?.comment ?? pair.value?.commentBefore ?? pair.key.commentBefore;
      if (typeof comment === "string") comments.set(key, cleaned(comment));
      visit(pair.value, key);
    }
  };
  visit(parseDocument(text, { version: "1.1" }).contents, "");
  return comments;
}

function cleaned(comment: string): string {
  return comment
    .split("\n")
    .map((line) => line.replace(/^#/, "").trim())
    .filter((line) => line !== "")
    .join(" ");
}
