/** A member of an object that is there twice, or in other letters than it should. */
export interface DoubtfulName {
  /** `manifests.0.digest`. */
  readonly way: string;
  readonly kind: "twice" | "letters";
}

/** Names that readers look for, by lower-case letters. Go's reader takes them in any. */
const KNOWN = new Map(
  [
    ...["schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations"],
    ...["digest", "size", "urls", "data", "platform", "os", "architecture", "variant"],
  ].map((name) => [name.toLowerCase(), name]),
);
const FOUND_LIMIT = 100;
interface Open {
  readonly way: string;
  /** Undefined in a list. */
  readonly names: Set<string> | undefined;
  /** Names are anybody's, not the specification's. */
  readonly free: boolean;
  /** The member that is being read. */
  member: string;
  count: number;
}

/**
 * What JSON readers disagree on: some take the first of two members, some the last, some a name in any letters.
 * @param text  JSON that was read without complaint
 */
export function doubtfulNames(text: string): readonly DoubtfulName[] {
  const found: DoubtfulName[] = [];
  const open: Open[] = [];
  for (const { token, string, names } of tokensOf(text)) {
    const top = open.at(-1);
    if (token === "{" || token === "[") {
      const member = top === undefined ? "" : top.names === undefined ? String(top.count) : top.member;
      const way = top === undefined || top.way === "" ? member : `${top.way}.${member}`;
      open.push({ way, names: token === "{" ? new Set() : undefined, free: top?.free === true || member === "annotations", member: "", count: 0 });
    } else if (token === "}" || token === "]") open.pop();
    else if (token === ",") {
      if (top !== undefined) top.count += 1;
    } else if (names && top?.names !== undefined) {
      const name = JSON.parse(string) as string;
      const plain = top.free ? name : name.toLowerCase();
      const way = top.way === "" ? name : `${top.way}.${name}`;
      if (top.names.has(plain)) found.push({ way, kind: "twice" });
      else if (!top.free && KNOWN.has(plain) && KNOWN.get(plain) !== name) found.push({ way, kind: "letters" });
      top.names.add(plain);
      top.member = name;
    }
    if (found.length >= FOUND_LIMIT) break;
  }
  return found;
}

interface Token {
  /** A bracket, a comma, or a quotation mark for a string. */
  readonly token: string;
  /** With its quotation marks. */
  readonly string: string;
  /** A colon follows. */
  readonly names: boolean;
}

/** What of a JSON text tells of names. By hand: a pattern would need room for each escape of a long string. */
function* tokensOf(text: string): Generator<Token> {
  for (let at = 0; at < text.length; at++) {
    const token = text.charAt(at);
    if ("{}[],".includes(token)) yield { token, string: "", names: false };
    if (token !== '"') continue;
    const start = at;
    for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
    let next = at + 1;
    while (" \n\r\t".includes(text[next] ?? "x")) next++;
    yield { token, string: text.slice(start, at + 1), names: text[next] === ":" };
  }
}
