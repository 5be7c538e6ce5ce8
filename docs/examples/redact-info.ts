import { definePlugin } from "@episcope/core";

interface Options {
  /** Of `info`. */
  readonly keys: readonly string[];
}

/** Keeps keys of `info` from every sink and from the pictures that sinks get. The journal and the run's own pictures keep them. */
export default definePlugin<"hooks", Options>({
  kind: "hooks",
  name: "redact_info",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    required: ["keys"],
    properties: { keys: { type: "array", items: { type: "string" }, minItems: 1 } },
  },
  create({ keys }, { hooks }) {
    hooks.outgoing.tap("redact_info", (record) => {
      if (record?.type !== "step") return record;
      const info = Object.entries(record.info).filter(([key]) => !keys.includes(key));
      return { ...record, info: Object.fromEntries(info) };
    });
    return undefined;
  },
});
