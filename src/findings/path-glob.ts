/** Longer patterns are no paths. */
const LONGEST_PATTERN = 500;

/** Whether a path matches a pattern: `*` is any run without `/`, `?` one character but `/`, `**` any folders. A folder's name matches all that is in it. */
export function matchesGlob(pattern: string, path: string): boolean {
  if (pattern.length > LONGEST_PATTERN) return false;
  const wanted = pattern
    .replace(/^\.?\//, "")
    .replace(/\/$/, "")
    .split("/");
  return matchesFrom(wanted, path.split("/"));
}

/** By rows of a table, so that no pattern takes longer than its length times that of the path. */
function matchesFrom(wanted: readonly string[], parts: readonly string[]): boolean {
  // fits[j]: the patterns so far can end before part j.
  let fits = parts.map((_, j) => j === 0).concat(parts.length === 0);
  for (const segment of wanted) {
    const next: boolean[] = fits.map(() => false);
    for (let j = 0; j <= parts.length; j++) {
      if (segment === "**") next[j] = fits[j] === true || (j > 0 && next[j - 1] === true);
      else next[j] = j > 0 && fits[j - 1] === true && matchesName(segment, parts[j - 1] as string);
    }
    fits = next;
  }
  return fits.some((fit) => fit);
}

function matchesName(pattern: string, name: string): boolean {
  let [p, n, star, resume] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star !== -1) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
