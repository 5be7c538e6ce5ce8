/**
 * A pattern of the search language: `*` is any text, `?` any letter; without either it is found anywhere in the text. Capitals
 * are all the same.
 */
export function textPattern(pattern: string): { test(text: string): boolean } {
  const folded = pattern.toLowerCase();
  if (!/[*?]/.test(folded)) return { test: (text) => text.toLowerCase().includes(folded) };
  return { test: (text) => globMatches(folded, text.toLowerCase()) };
}

/** Goes back to the last star only, so that no pattern takes longer than pattern times text. */
function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
