import type { BakeHole, BakeParts, BakeRequest } from "../bake-file.ts";
import { merged } from "../value.ts";

type Variables = BakeRequest["variables"];

/** Defaults within defaults. */
const DEEPEST = 20;
const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;

/** A text of a compose file with its `$VAR` and `${VAR:-default}` filled in; `$$` is a dollar. A variable that is not set is empty. */
export function interpolated(text: string, variables: Variables, depth = 0): BakeParts {
  if (!text.includes("$")) return text === "" ? [] : [text];
  const parts: (string | BakeHole)[] = [];
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf("$", at);
    if (dollar === -1) break;
    parts.push(text.slice(at, dollar));
    at = dollar + 1;
    if (text[at] === "$") {
      parts.push("$");
      at++;
    } else if (text[at] === "{") {
      const end = closingBrace(text, at);
      if (end === -1) parts.push("$");
      else {
        parts.push(...braced(text.slice(at + 1, end), variables, depth));
        at = end + 1;
      }
    } else {
      NAME.lastIndex = at;
      const name = NAME.exec(text)?.[0];
      parts.push(...(name === undefined ? ["$"] : variable(name, variables)));
      at += name?.length ?? 0;
    }
  }
  parts.push(text.slice(at));
  return merged(parts);
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** What stands within `${…}`. */
function braced(inner: string, variables: Variables, depth: number): BakeParts {
  const found = /^([a-zA-Z_][a-zA-Z0-9_]*)(?:(:?[-+?])([\s\S]*))?$/.exec(inner);
  if (found === null || depth > DEEPEST) return [{ source: `\${${inner}}`, atoms: [] }];
  const [, name = "", operator, operand = ""] = found;
  const isSet = variables.has(name);
  const value = variable(name, variables);
  if (operator === undefined || operator.endsWith("?")) return value;
  const unsure = operator.startsWith(":") && value.length > 0 && value.every((part) => typeof part !== "string");
  const counts = operator.startsWith(":") ? value.length > 0 : isSet;
  const other = (): BakeParts => interpolated(operand, variables, depth + 1);
  if (isSet && unsure) return [{ source: `\${${inner}}`, atoms: value.flatMap((part) => (typeof part === "string" ? [] : part.atoms)) }];
  if (operator.endsWith("-")) return counts ? value : other();
  return counts ? other() : [];
}

function variable(name: string, variables: Variables): BakeParts {
  if (!variables.has(name)) return [];
  const value = variables.get(name);
  if (value === undefined) return [{ source: `\${${name}}`, atoms: [] }];
  return typeof value === "string" ? (value === "" ? [] : [value]) : value;
}
