import { definePlugin } from "@episcope/core";
import { createOutboxSink, findKey, isMarkedStep, pointOf } from "@episcope/tracker";

interface Options {
  readonly server: string;
  readonly every: number;
}

/** What is sent of a record. A type, because it is plain data. */
type Row = {
  readonly step: number;
  readonly time: number;
  readonly numbers: { readonly [name: string]: number };
};

/** Posts numbers to a server that knows each row by run and number: `PUT <server>/runs/<run>/rows/<first>`. */
export default definePlugin<"sink", Options>({
  kind: "sink",
  name: "my-tracker",
  options: {
    type: "object",
    additionalProperties: false,
    required: ["server"],
    properties: { server: { type: "string" }, every: { type: "integer", minimum: 1, default: 10 } },
  },
  create({ server, every }, context) {
    const { fs, run } = context;
    const places = { variable: "MY_TRACKER_KEY", fileVariable: "MY_TRACKER_KEY_FILE", server };
    const key = findKey({ env: process.env, fs, ...places });
    return createOutboxSink<Row>({
      ...{ context, title: "My tracker", folder: "my-tracker", accepts: ["step", "episode-end", "metrics"] },
      // Without a key the rows are kept in the run.
      isOnline: key !== null,
      rowsOf(item) {
        const point = "record" in item ? pointOf(item) : null;
        if (point === null || !("record" in item)) return [];
        if (point.axis === "step" && point.step % every !== 0 && !isMarkedStep(item)) return [];
        return [{ step: point.step, time: point.time, numbers: point.scalars }];
      },
      // Called again with the same rows under the same number until it resolves.
      async send(rows, { first, request }) {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const url = `${server}/runs/${encodeURIComponent(run.name)}/rows/${first}`;
        await request({ method: "PUT", url, headers, body: JSON.stringify(rows) });
      },
    });
  },
});
