import { fileURLToPath } from "node:url";
import { loggedRun } from "@episcope/testing/logged-runs";
import { filesOnDisk, mutateRuns } from "@episcope/testing/mutated-runs";
import { expect, it, vi } from "vitest";

// It goes through many runs; machines that run other tests beside it are slow.
vi.setConfig({ testTimeout: 300_000 });

const golden = (name: string) =>
  filesOnDisk(fileURLToPath(new URL(`golden/run-v1/${name}`, import.meta.url)));

/** The row I7 of the fault matrix does it 10,000 times. */
const MUTATIONS = 100;

it("names what was changed in a run by chance, and loses nothing by repairing it", () => {
  const runs = {
    "version 1, closed": golden("complete"),
    "version 1, crashed": golden("crashed"),
    "version 2, closed": loggedRun({ journals: 0, closed: true }),
    "version 2, crashed, with a log": loggedRun({ journals: 0 }),
    "version 2, crashed, with journals": loggedRun({ journals: 120 }),
  };
  const { tried, changed, mostRead, ...faults } = mutateRuns(runs, { count: MUTATIONS, seed: 1 });
  expect(tried).toBe(MUTATIONS);
  expect(changed).toBeGreaterThan(MUTATIONS / 4);
  expect(faults).toEqual({
    ...{ lostByRecover: [], raw: [], unnamed: [], wrong: [] },
    untold: expect.any(Number) as number,
  });
  // All that is done with a run reads its files a few times over.
  expect(mostRead).toBeLessThan(1_000_000);
});
