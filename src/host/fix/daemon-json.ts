import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { ProblemError } from "../../core/problem.ts";
import { withMember } from "./json-member.ts";

/** Most bytes of a `daemon.json` that is edited. */
export const DAEMON_JSON_LIMIT_BYTES = 256 * 1024;
/** Deepest nesting of objects and lists in it. */
export const DAEMON_JSON_LIMIT_DEPTH = 50;

const FEATURES = "features";
const SNAPSHOTTER = "containerd-snapshotter";

/**
 * `daemon.json` with the containerd image store turned on, every other byte as it was; proven by reading both. Undefined: it is on already.
 * @param text  undefined: there is no such file
 * @param path  for messages
 * @throws {ProblemError} `daemon-config-invalid` for a text that Docker refuses, or that cannot be changed without a doubt
 */
export function withSnapshotter(text: string | undefined, path: string): string | undefined {
  if (text === undefined || (text.trim() === "" && !text.startsWith("\ufeff"))) return `${JSON.stringify({ [FEATURES]: { [SNAPSHOTTER]: true } }, null, 2)}\n`;
  const root = treeOf(text, path);
  const features = memberOf(root, FEATURES);
  if (features === undefined) return proven(text, withMember(text, root, root, FEATURES, { name: SNAPSHOTTER, value: "true" }));
  if (features.type !== "object") throw refusal(path, text, `its "${FEATURES}" is no object`, features.offset, `make it an object: "${FEATURES}": {}`);
  const flag = memberOf(features, SNAPSHOTTER);
  if (flag === undefined) return proven(text, withMember(text, root, features, SNAPSHOTTER, "true"));
  if (flag.type !== "boolean") throw refusal(path, text, `its "${SNAPSHOTTER}" is neither true nor false`, flag.offset, "make it true or false");
  if (flag.value === true) return undefined;
  return proven(text, `${text.slice(0, flag.offset)}true${text.slice(flag.offset + flag.length)}`);
}

function treeOf(text: string, path: string): Node {
  if (Buffer.byteLength(text) > DAEMON_JSON_LIMIT_BYTES)
    throw refusal(path, text, `it has more than ${DAEMON_JSON_LIMIT_BYTES} bytes`, undefined, "see whether it is the right file");
  if (text.startsWith("\ufeff")) throw refusal(path, text, "it begins with a byte-order mark", undefined, "save it as UTF-8 without one");
  if (text.includes("\ufffd")) throw refusal(path, text, "it is not written in UTF-8", text.indexOf("\ufffd"), "save it as UTF-8");
  if (tooDeep(text)) throw refusal(path, text, `it is nested deeper than ${DAEMON_JSON_LIMIT_DEPTH} levels`, undefined, "see whether it is the right file");
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const [error] = errors;
  if (error !== undefined) throw notJson(text, path, error);
  if (root === undefined || !isJson(text)) throw refusal(path, text, "it is not JSON", undefined, "mend it");
  if (root.type !== "object") throw refusal(path, text, "it is no JSON object", root.offset, "put everything into one object: {…}");
  const double = doubleKey(root);
  if (double !== undefined) throw refusal(path, text, `it has "${String(double.value).slice(0, 80)}" twice in one object`, double.offset, "leave one of them");
  return root;
}

function notJson(text: string, path: string, { error, offset }: ParseError): ProblemError {
  const name = printParseErrorCode(error);
  if (name === "InvalidCommentToken") return refusal(path, text, "it has a comment, which Docker refuses", offset, "remove it: JSON has no comments");
  if (/,\s*$/.test(text.slice(0, offset)) && /^\s*[}\]]/.test(text.slice(offset)))
    return refusal(path, text, "it has a comma behind a last entry, which Docker refuses", text.lastIndexOf(",", offset - 1), "remove the comma");
  return refusal(path, text, "it is not JSON", offset, "mend it");
}

/** Iterative: a text of brackets alone must not overflow the stack of the parser. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth > DAEMON_JSON_LIMIT_DEPTH) return true;
  }
  return false;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The second of two members with one name, anywhere. */
function doubleKey(node: Node): Node | undefined {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = child.type === "property" ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) return key;
    seen.add(key?.value);
    const deeper = doubleKey(key === undefined ? child : (child.children?.[1] ?? child));
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

const memberOf = (object: Node, name: string): Node | undefined => object.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1];

/** What was edited is read again: nothing but the one member may differ. */
function proven(before: string, after: string): string {
  const was = JSON.parse(before) as Readonly<Record<string, unknown>>;
  const features = (was[FEATURES] ?? {}) as Readonly<Record<string, unknown>>;
  if (JSON.stringify(JSON.parse(after)) !== JSON.stringify({ ...was, [FEATURES]: { ...features, [SNAPSHOTTER]: true } }))
    throw new Error("an edit of daemon.json changed more than it should");
  return after;
}

function refusal(path: string, text: string, what: string, offset: number | undefined, hint: string): ProblemError {
  const lines = offset === undefined ? [] : text.slice(0, offset).split(/\r\n|\n|\r/);
  const where = offset === undefined ? "" : ` at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  return new ProblemError("daemon-config-invalid", {
    message: `"${path}" cannot be changed: ${what}${where}`,
    hint: `${hint}, then run this again; nothing was changed`,
    facts: { path, ...(offset === undefined ? {} : { line: lines.length }) },
  });
}
