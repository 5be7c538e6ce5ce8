import type { LoggedItems } from "./logged-items.js";
import type { Outgoing } from "./outgoing.js";

/** The records of a run as its outputs read them, when they are late. */
export interface LogSource {
  /** Changes when the run goes on elsewhere: what was opened before reads what is there no more. */
  readonly place: unknown;
  /** Resolves when the record at this position can be read; false where it never will be. */
  readable(position: number): Promise<boolean>;
  /** Where reading begins for whoever needs the record at this position, with the episode that it belongs to. */
  readFrom(position: number): number;
  /** The items from a position on, each of an episode with its view; `outgoing` is of this reader alone. */
  open(position: number, outgoing: Outgoing | null): LoggedItems;
}
