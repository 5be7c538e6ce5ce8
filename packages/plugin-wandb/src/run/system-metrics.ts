import { availableParallelism, freemem, totalmem } from "node:os";
import { performance } from "node:perf_hooks";
import type { WandbItem } from "../format/wandb-records.js";

const MEGABYTE = 1024 * 1024;

/** Measures this process and its machine; each call covers the time since the one before. */
export function createSystemMetrics(): () => WandbItem[] {
  let cpu = process.cpuUsage();
  let at = performance.now();
  return () => {
    const used = process.cpuUsage(cpu);
    const elapsedMs = Math.max(1, performance.now() - at);
    cpu = process.cpuUsage();
    at = performance.now();
    const busyMs = (used.user + used.system) / 1000;
    const [total, free, rss] = [totalmem(), freemem(), process.memoryUsage.rss()];
    const values: { readonly [key: string]: number } = {
      // Under the official client's names: of all processors, in per cent.
      cpu: (100 * busyMs) / elapsedMs / availableParallelism(),
      memory_percent: (100 * (total - free)) / total,
      "proc.memory.availableMB": free / MEGABYTE,
      "proc.memory.rssMB": rss / MEGABYTE,
      "proc.memory.percent": (100 * rss) / total,
    };
    return Object.entries(values).map(([key, value]) => ({
      key,
      json: String(Math.round(value * 1000) / 1000),
    }));
  };
}
