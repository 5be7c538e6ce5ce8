import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import { inputUnreadable } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";

/** A producer's stream and the way back to it. */
interface OpenInput {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Undefined where the producer does not listen. */
  readonly answer?: (bytes: Uint8Array) => Promise<void>;
  close(): Promise<void>;
}

const SOCKET = "unix:";

/**
 * Opens what `input` names: "-" is standard input, "unix:PATH" a socket that waits for one producer, anything else a
 * file. Answers go to the socket's other direction or to the descriptor `ackFd`.
 */
export async function openInput(input: string, ackFd: number | undefined, io: ProgramIo): Promise<OpenInput> {
  if (input.startsWith(SOCKET)) return openSocket(resolve(io.cwd, input.slice(SOCKET.length)), input, io);
  const answer = ackFd === undefined ? {} : { answer: (bytes: Uint8Array) => writeAll(ackFd, bytes, io) };
  const nothing = (): Promise<void> => Promise.resolve();
  if (input === "-") return { bytes: io.stdin, ...answer, close: nothing };
  const path = resolve(io.cwd, input);
  try {
    io.fs.accessSync(path, io.fs.constants.R_OK);
    if (io.fs.statSync(path).isDirectory()) throw new Error("it is a folder");
  } catch (cause) {
    throw inputUnreadable(input, cause);
  }
  return { bytes: io.fs.createReadStream(path) as AsyncIterable<Uint8Array>, ...answer, close: nothing };
}

/** Whether an input is read as it comes, and is gone then: standard input, a socket, a named pipe. */
export function isLive(input: string, io: ProgramIo): boolean {
  if (input === "-" || input.startsWith(SOCKET)) return true;
  const stat = io.fs.statSync(resolve(io.cwd, input), { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

async function openSocket(path: string, input: string, io: ProgramIo): Promise<OpenInput> {
  const server = createServer();
  const producer = once(server, "connection") as Promise<[Socket]>;
  server.listen(path);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw inputUnreadable(input, cause);
  }
  io.message(`Waiting for a producer at ${path}`);
  const [socket] = await producer;
  // One producer a run: a second would mix two streams.
  server.close();
  return {
    bytes: socket,
    answer: (bytes) => new Promise((done) => void socket.write(bytes, () => done())),
    async close() {
      socket.end();
      await new Promise<void>((done) =>
        socket.closed ? done() : socket.once("close", () => done()).destroySoon(),
      );
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array, io: ProgramIo): Promise<void> {
  for (let from = 0; from < bytes.length; ) from += io.fs.writeSync(fd, bytes, from);
  return Promise.resolve();
}
