import type { Node } from "jsonc-parser";

/** How a text lays its JSON out, as far as an insertion goes by it. */
interface Layout {
  /** Undefined: all of it is on one line. */
  readonly eol: string | undefined;
  /** One step of indentation. */
  readonly indent: string;
  /** Between a colon and its value. */
  readonly afterColon: string;
}

/** A value to be put in: JSON of one member within an object, or a plain text of JSON. */
export type NewValue = string | { readonly name: string; readonly value: string };

/**
 * Puts a member at the end of an object, laid out as the text is; no other byte changes.
 * @param object  of the tree of `text`
 * @param root    the whole tree
 */
export function withMember(text: string, root: Node, object: Node, name: string, value: NewValue): string {
  const layout = layoutOf(text, root);
  const last = object.children?.at(-1);
  if (last === undefined) return intoEmpty(text, object, layout, (indent) => member(name, value, layout, indent));
  const at = last.offset + last.length;
  const indent = ownLineIndent(text, last.offset);
  const added =
    indent === undefined
      ? `,${betweenMembers(text, object, layout)}${member(name, value, { ...layout, eol: undefined }, "")}`
      : `,${layout.eol ?? "\n"}${indent}${member(name, value, layout, indent)}`;
  return text.slice(0, at) + added + text.slice(at);
}

function intoEmpty(text: string, object: Node, layout: Layout, print: (indent: string) => string): string {
  const [start, end] = [object.offset + 1, object.offset + object.length - 1];
  const isRoot = object.parent === undefined;
  const open = text.slice(start, end);
  if (!isRoot && !/[\r\n]/.test(open)) return text.slice(0, start) + print("").replace(/^\s+/, "") + text.slice(end);
  const eol = layout.eol ?? "\n";
  const base = lineIndent(text, object.offset);
  const indent = base + layout.indent;
  return `${text.slice(0, start)}${eol}${indent}${print(indent)}${eol}${base}${text.slice(end)}`;
}

function member(name: string, value: NewValue, layout: Layout, indent: string): string {
  const key = `${JSON.stringify(name)}:${layout.afterColon}`;
  if (typeof value === "string") return key + value;
  const inner = `${JSON.stringify(value.name)}:${layout.afterColon}${value.value}`;
  if (layout.eol === undefined) return `${key}{${inner}}`;
  return `${key}{${layout.eol}${indent}${layout.indent}${inner}${layout.eol}${indent}}`;
}

function layoutOf(text: string, root: Node): Layout {
  // The one that the new one stands behind.
  const last = root.children?.at(-1);
  const eol = /\r\n|\n|\r/.exec(text.slice(root.offset, root.offset + root.length))?.[0];
  // An object with nothing in it shows no layout: it gets the usual one.
  if (last === undefined) return { eol: eol ?? /\r\n|\n|\r/.exec(text)?.[0] ?? "\n", indent: "  ", afterColon: " " };
  const base = lineIndent(text, root.offset);
  const own = ownLineIndent(text, last.offset);
  const indent = own?.startsWith(base) && own.length > base.length ? own.slice(base.length) : "  ";
  const value = last.children?.[1];
  const between = last.colonOffset === undefined || value === undefined ? " " : text.slice(last.colonOffset + 1, value.offset);
  return { eol: own === undefined ? undefined : eol, indent, afterColon: /^[ \t]*$/.test(between) ? between : " " };
}

/** What stands between a comma and the next member on the same line. */
function betweenMembers(text: string, object: Node, layout: Layout): string {
  const [first, second] = object.children ?? [];
  if (first === undefined || second === undefined) return layout.afterColon;
  const between = text.slice(first.offset + first.length, second.offset).split(",")[1] ?? "";
  return /^[ \t]*$/.test(between) ? between : " ";
}

/** The blanks before a place when nothing else stands before it on its line, and it is not the text's first line. */
function ownLineIndent(text: string, offset: number): string | undefined {
  return /[\r\n]([ \t]*)$/.exec(text.slice(0, offset))?.[1];
}

/** The blanks that the line of a place begins with. */
function lineIndent(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
}
