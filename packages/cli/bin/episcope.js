#!/usr/bin/env node
import { existsSync } from "node:fs";

const NEEDED = [20, 19];
const BUILD = "Run 'npm run build' (or 'npm start') first.";

process.exitCode = isOldNode() ? refuse(...oldNode()) : await run();

function isOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
}

function oldNode() {
  const { version, execPath } = process;
  return [`this is Node ${version}; ${NEEDED.join(".")} or later is needed.`, `${execPath} is what ran it.`];
}

async function run() {
  // In a clone of the repository that has not been built there is nothing to run yet.
  if (!existsSync(new URL("../dist/main.js", import.meta.url)))
    return refuse("the packages are not built yet.", BUILD);
  // Asked at each Tab: it loads nothing else.
  const isCompletion = /^(?:-sc|--shell-completion)(?:=|$)/.test(process.argv[2] ?? "");
  try {
    const { processIo } = await import("../dist/terminal/io.js");
    const { main } = await import(isCompletion ? "../dist/program/complete.js" : "../dist/main.js");
    return await main(process.argv.slice(2), processIo());
  } catch (error) {
    // In part, or before 'npm ci'.
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    const missing = /'([^']+)'/.exec(error.message)?.[1] ?? "a package";
    return refuse(`${missing} is missing.`, `In a clone: run 'npm ci', then 'npm run build'.`);
  }
}

function refuse(problem, hint) {
  console.error(`episcope: ${problem}\n  ${hint}`);
  return 1;
}
