/** An id that none of `taken` has, in any case: `stem`, else with a number behind it. */
export function freeId(stem: string, taken: readonly string[]): string {
  const lower = new Set(taken.map((one) => one.toLowerCase()));
  if (!lower.has(stem.toLowerCase())) return stem;
  let n = 2;
  while (lower.has(`${stem}-${n}`.toLowerCase())) n++;
  return `${stem}-${n}`;
}
