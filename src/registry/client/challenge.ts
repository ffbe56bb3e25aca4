import { CHALLENGE_LIMIT_CHARS } from "./limits.ts";

/** One way in which a server lets itself be convinced. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"?/y;
const BARE = /[^\s,"]*/y;
const GAP = /[ \t]*/y;
const GAPS = /[\s,]*/y;

/**
 * Reads a WWW-Authenticate header, several joined by commas included. Never throws: what cannot be read is left out.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenges(header: string): Challenge[] {
  const text = header.slice(0, CHALLENGE_LIMIT_CHARS);
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    take(GAPS);
    const word = take(TOKEN)?.[0];
    if (word === undefined) {
      at++;
      continue;
    }
    take(GAP);
    const current = found.at(-1);
    if (text[at] === "=" && current !== undefined) {
      at++;
      take(GAP);
      const quoted = text[at] === '"' ? take(QUOTED) : null;
      const value = quoted === null ? (take(BARE)?.[0] ?? "") : (quoted[1] ?? "").replace(/\\([\s\S])/g, "$1");
      const name = word.toLowerCase();
      // The first counts: a second one of the same name is a mistake, or an attack.
      if (!Object.hasOwn(current.parameters, name)) current.parameters[name] = value;
      continue;
    }
    found.push({ scheme: word.toLowerCase(), parameters: Object.create(null) as Record<string, string> });
    take(TOKEN68);
  }
  return found;
}
