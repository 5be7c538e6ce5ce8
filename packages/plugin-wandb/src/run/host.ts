import { availableParallelism, totalmem } from "node:os";

/** What is noted about the machine: nothing that names it, its user or its files. */
export interface Host {
  /** For instance "linux-x64". */
  readonly platform: string;
  readonly logicalCpus: number;
  readonly memoryBytes: number;
}

export function thisHost(): Host {
  return {
    platform: `${process.platform}-${process.arch}`,
    logicalCpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
