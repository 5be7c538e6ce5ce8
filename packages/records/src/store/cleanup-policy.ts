export interface InventoryEpisode {
  readonly run: string;
  readonly number: number;
  /** Unix seconds; null while it is open. */
  readonly ended: number | null;
  readonly success: boolean;
  /** Bytes of pictures and dumps, which can be drawn again. */
  readonly pictureBytes: number;
  /** Bytes of everything else. */
  readonly logBytes: number;
}

export interface Inventory {
  readonly episodes: readonly InventoryEpisode[];
  /** Bytes over the whole base directory. */
  readonly totalBytes: number;
}

export interface CleanupLimits {
  readonly maxBytes: number;
}

export interface CleanupStep {
  readonly run: string;
  readonly episode: number;
  readonly what: "pictures" | "episode";
  readonly bytes: number;
  /** Shown to the user by `clean --dry-run`. */
  readonly reason: string;
}

/** Says what to delete, and does nothing: deleting is the store's, and only of what a manifest owns. */
export interface CleanupPolicy {
  plan(inventory: Inventory, limits: CleanupLimits, now: number): readonly CleanupStep[];
}
