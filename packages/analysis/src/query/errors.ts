import { EpiscopeError } from "@episcope/errors";

/** The query cannot be understood. The message shows it with a caret below the place. */
export function queryInvalid(query: string, offset: number, problem: string, hint?: string): EpiscopeError {
  // The caret has to stay below its place where the query has a tab.
  const pad = query.slice(0, offset).replace(/[^\t]/g, " ");
  return new EpiscopeError("QUERY_INVALID", `${problem}\n  ${query}\n  ${pad}^`, {
    ...(hint === undefined ? {} : { hint }),
    fields: { query, offset },
  });
}

/** The query asks for one thing and is put to another, for instance a step's field to runs. */
export function queryLevelWrong(query: string, asked: string, needed: string): EpiscopeError {
  return new EpiscopeError(
    "QUERY_LEVEL_WRONG",
    `the query asks about ${needed}, it cannot choose ${asked}: ${query}`,
    {
      hint: `Count or look for them with count(…), any(…) or all(…), or choose ${needed}.`,
      fields: { query, asked, needed },
    },
  );
}
