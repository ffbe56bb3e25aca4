/** Longer lines lose their end. */
const LINE_LIMIT = 4000;
const FIRST = 20;
const LAST = 60;

/** Lines of which only the first and the last are kept. */
export interface KeptWords {
  add(line: string): void;
  lines(): readonly string[];
}

export function keptWords(): KeptWords {
  const first: string[] = [];
  const last: string[] = [];
  return {
    add(line) {
      const kept = line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)}…` : line;
      if (first.length < FIRST) first.push(kept);
      else {
        if (last.length === LAST) last.shift();
        last.push(kept);
      }
    },
    lines: () => [...first, ...last],
  };
}
