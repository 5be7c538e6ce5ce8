/** When a record counts as acknowledged: written, synced in groups, or synced inside `step()`. */
export type Durability = "process" | "group" | "step";
