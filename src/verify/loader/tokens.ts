const TOKEN = /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_]))/g;

/** What stands for `$ORIGIN`, `$LIB` and `$PLATFORM`; several where it is not known which, none where it is not known at all. */
export interface Tokens {
  readonly ORIGIN: readonly string[];
  readonly LIB: readonly string[];
  readonly PLATFORM: readonly string[];
}

/**
 * Replaces dynamic string tokens, as glibc does; others stay as they are.
 * @returns every reading; empty when a token has none, so that the loader's reading is not known
 * @see ld.so(8), "Dynamic string tokens"
 */
export function expandTokens(text: string, tokens: Tokens): readonly string[] {
  const used = new Set([...text.matchAll(TOKEN)].map(([, braced, plain]) => (braced ?? plain) as keyof Tokens));
  if (used.size === 0) return [text];
  let readings: readonly Partial<Record<keyof Tokens, string>>[] = [{}];
  for (const name of used) readings = readings.flatMap((reading) => tokens[name].map((value) => ({ ...reading, [name]: value })));
  return readings.map((reading) => text.replace(TOKEN, (_, braced?: keyof Tokens, plain?: keyof Tokens) => reading[(braced ?? plain) as keyof Tokens] ?? ""));
}

export const hasTokens = (text: string): boolean => text.search(TOKEN) !== -1;
