/** The program's exit status; the same in every verb. */
export const EXIT = {
  done: 0,
  /** Composition errors among them, as in Hydra. */
  failed: 1,
  wrongUse: 2,
  /** Done, but something that was given or stored had to be left out; the messages count it. */
  repairedWithLoss: 3,
  /** Ctrl-C ended a sweep: as a shell tells of it. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
