/** Whether a name fits a pattern of `*`, `?` and `[…]`, as in `--set` and on the command line. */
export function fits(name: string, pattern: string): boolean {
  return name === pattern || compiled(pattern)?.test(name) === true;
}

export const isPattern = (name: string): boolean => /[*?[\]]/.test(name);

/** Names of services may have dots, names of targets may not. */
export const targetName = (name: string): string => name.replaceAll(".", "_");

const LONGEST_PATTERN = 300;
const cache = new Map<string, RegExp | undefined>();

function compiled(pattern: string): RegExp | undefined {
  if (!isPattern(pattern) || pattern.length > LONGEST_PATTERN) return undefined;
  if (!cache.has(pattern)) {
    if (cache.size > 100) cache.clear();
    cache.set(pattern, compile(pattern));
  }
  return cache.get(pattern);
}

function compile(pattern: string): RegExp | undefined {
  const source = pattern.replace(/\*+|\?|\[(\^?)([^\]]+)\]|[^*?[]/g, (part, not?: string, members?: string) => {
    if (members !== undefined) return `[${not ?? ""}${members.replace(/[\\\]^[]/g, "\\$&")}]`;
    if (part.startsWith("*")) return "[^/]*";
    return part === "?" ? "[^/]" : part.replace(/[\\^$.|+(){}\]-]/g, "\\$&");
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    return undefined;
  }
}
