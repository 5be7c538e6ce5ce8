import type { Composition } from "../compose/composition.js";
import { sweepControllerChanged } from "../compose/errors.js";
import { sameValue } from "../compose/same-value.js";
import { selectNode } from "../omegaconf/access.js";
import { toData } from "../omegaconf/output.js";
import { isContainer, type RawValue } from "../tree/node.js";

/** Refuses a job that changes what runs the sweep: its launcher or its sweeper. */
export function checkController(master: Composition, job: Composition): void {
  for (const name of ["launcher", "sweeper"]) {
    if (master.choices.get(`hydra/${name}`) !== job.choices.get(`hydra/${name}`))
      throw sweepControllerChanged(`hydra/${name}`);
    if (!sameValue(dataAt(master, `hydra.${name}`), dataAt(job, `hydra.${name}`)))
      throw sweepControllerChanged(`hydra.${name}`);
  }
}

function dataAt(composition: Composition, key: string): RawValue {
  const node = selectNode(composition.tree, key);
  return node !== undefined && isContainer(node) ? (toData(node) as RawValue) : null;
}
