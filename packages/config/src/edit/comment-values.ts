import { isMap, isScalar, isSeq, parseDocument } from "yaml";

/**
 * A YAML text with a comment behind the line of each value that has one: still the same YAML.
 * @param comment The comment of a key (`a.b[0]`), undefined for none.
 * @param prefix The key of the whole text in the config that it is a part of.
 */
export function commentValues(
  text: string,
  comment: (key: string) => string | undefined,
  prefix = "",
): string {
  const comments = new Map<number, string>();
  const note = (start: number, end: number, key: string): void => {
    // A value on several lines has no place for a comment that would not be a part of it.
    if (text.slice(start, end).includes("\n")) return;
    const line = text.slice(0, start).split("\n").length - 1;
    const found = comment(key);
    if (found !== undefined && !comments.has(line)) comments.set(line, found);
  };
  const visit = (node: unknown, key: string): void => {
    if (isMap(node)) {
      for (const { key: name, value } of node.items) {
        if (!isScalar(name)) continue;
        const below = key === "" ? String(name.value) : `${key}.${String(name.value)}`;
        const isLeaf = !(isMap(value) || isSeq(value)) || value.items.length === 0;
        if (isLeaf) note(name.range![0], isScalar(value) ? value.range![1] : name.range![1], below);
        visit(value, below);
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (isScalar(item)) note(item.range![0], item.range![1], `${key}[${index}]`);
        else visit(item, `${key}[${index}]`);
      }
    }
  };
  visit(parseDocument(text, { version: "1.1" }).contents, prefix);
  return text
    .split("\n")
    .map((line, index) => (comments.has(index) ? `${line}  # ${comments.get(index)}` : line))
    .join("\n");
}
