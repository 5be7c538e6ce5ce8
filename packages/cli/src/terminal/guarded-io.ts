import { printableMessage } from "@episcope/errors";
import type { ProgramIo } from "./io.js";

const HIDDEN = "***";

/**
 * The world of the program with a guard at its door: whatever verb it comes from and whoever's text it quotes, a message
 * holds nothing that could steer a terminal, and no secret.
 */
export function guardedIo(world: ProgramIo): ProgramIo {
  const inMessages = new Set<string>();
  const inData = new Set<string>();
  const without = (text: string, hidden: ReadonlySet<string>): string => {
    let result = text;
    for (const secret of hidden) result = result.replaceAll(secret, HIDDEN);
    return result;
  };
  return {
    ...world,
    message: (text) => world.message(printableMessage(without(text, inMessages))),
    out: (data) => world.out(typeof data === "string" ? without(data, inData) : data),
    hide(text, where) {
      if (text === "") return;
      inMessages.add(text);
      if (where === "everywhere") inData.add(text);
    },
  };
}
