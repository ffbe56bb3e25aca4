import type { SourceFile } from "../../core/span.ts";
import type { BakeAttribute, BakeBlock, BakeBody } from "../body.ts";
import { BakeSyntaxError, Cursor } from "./cursor.ts";
import { readExpression } from "./expressions.ts";
import { readQuoted } from "./templates.ts";

/** Of a file in HCL. Throws a {@link BakeSyntaxError}. */
export function readHclBody(file: SourceFile): BakeBody {
  return readItems(file, new Cursor(file.text), false);
}

function readItems(file: SourceFile, cursor: Cursor, inBlock: boolean): BakeBody {
  const attributes: BakeAttribute[] = [];
  const blocks: BakeBlock[] = [];
  const seen = new Set<string>();
  for (;;) {
    cursor.skipLines();
    if (inBlock && cursor.takes("}")) break;
    if (cursor.at >= cursor.end) {
      if (inBlock) throw cursor.unexpected('a "}" is wanted that ends the block');
      break;
    }
    const start = cursor.at;
    const name = cursor.identifier();
    if (name === undefined) throw cursor.unexpected("the name of an attribute or block is wanted");
    if (!cursor.peeks("==") && cursor.takes("=")) {
      if (seen.has(name)) throw new BakeSyntaxError(`the attribute "${name}" stands twice in one block`, { start, end: start + name.length });
      seen.add(name);
      const value = readExpression(cursor);
      attributes.push({ name, value, place: { file, span: { start, end: value.span.end } } });
    } else blocks.push(readBlock(file, cursor, name, start));
    if (!cursor.atLineEnd()) throw cursor.unexpected("a new line is wanted after an attribute or block");
  }
  return { attributes, blocks };
}

/** A block in one line holds one attribute, or nothing. */
function readLine(file: SourceFile, cursor: Cursor): BakeBody {
  if (cursor.takes("}")) return { attributes: [], blocks: [] };
  const start = cursor.at;
  const name = cursor.identifier();
  if (name === undefined || !cursor.takes("=")) throw cursor.unexpected("an attribute is wanted in a block of one line");
  const value = readExpression(cursor);
  if (!cursor.takes("}")) throw cursor.unexpected('a "}" is wanted in the same line: a block of one line holds one attribute');
  return { attributes: [{ name, value, place: { file, span: { start, end: value.span.end } } }], blocks: [] };
}

function readBlock(file: SourceFile, cursor: Cursor, type: string, start: number): BakeBlock {
  const labels: string[] = [];
  let end = cursor.at;
  for (;;) {
    const label = cursor.peeks('"') ? readLabel(cursor) : cursor.identifier();
    if (label === undefined) break;
    labels.push(label);
    end = cursor.at;
  }
  if (!cursor.takes("{")) throw cursor.unexpected(`a "=" or a "{" is wanted after "${type}"`);
  const body = cursor.within(true, () => (cursor.atLineEnd() ? readItems(file, cursor, true) : readLine(file, cursor)));
  return { type, labels, body, place: { file, span: { start, end } } };
}

function readLabel(cursor: Cursor): string {
  const label = readQuoted(cursor, readExpression);
  if (label.kind === "literal" && typeof label.value === "string") return label.value;
  throw new BakeSyntaxError('the name of a block is a text without "${"', label.span);
}
