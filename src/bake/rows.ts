import type { BakeBlock } from "./body.ts";
import { attributeOf, fileOf } from "./definitions.ts";
import { joined, kindName, partsOf, unknown, type Value } from "./value.ts";
import { type BakeWorld, NO_LOCALS, type Row } from "./world.ts";

/** Rows of one matrix. Real ones have tens. */
const MOST_ROWS = 1000;
const NAME = /^[a-zA-Z0-9_-]+$/;

export interface BlockRows {
  readonly rows: readonly Row[];
  /** A part of the matrix or of its names is not known: there may be other rows. */
  readonly open: boolean;
}

/** The rows that a block stands for: one, unless it has a matrix. */
export function rowsOf(block: BakeBlock, world: BakeWorld): BlockRows {
  const [label = ""] = block.labels;
  const file = fileOf(block);
  const [matrix, named] = [attributeOf(block, "matrix"), attributeOf(block, "name")];
  if (block.labels.length !== 1)
    world.complain(`a ${block.type} wants one name, and there ${block.labels.length === 0 ? "is none" : `are ${block.labels.length}`}`, block.place);
  if (block.labels.length === 1 && !NAME.test(label)) complainOfName(label, block, world);
  if (block.type === "group" || matrix === undefined) {
    if (matrix !== undefined) world.complain("a group has no matrix", matrix.place);
    else if (named !== undefined) world.complain(block.type === "group" ? 'a group has no attribute "name"' : '"name" wants a matrix beside it', named.place);
    return { rows: [{ block, name: label, scope: { file, locals: NO_LOCALS } }], open: false };
  }
  const expanded = matrixLocals(world.evaluator.evaluate(matrix.value, { file, locals: NO_LOCALS }), block, world);
  let open = expanded.open;
  const rows: Row[] = [];
  const seen = new Set<string>();
  for (const locals of expanded.rows) {
    const scope = { file, locals };
    const value = named && world.evaluator.evaluate(named.value, scope);
    const name = value === undefined ? label : joined(partsOf(value) ?? []);
    if (name === undefined) {
      open = true;
      continue;
    }
    if (!NAME.test(name)) complainOfName(name, block, world);
    else if (seen.has(name))
      world.complain(`two rows of the matrix of "${label}" have the name "${name}"`, (named ?? matrix).place, 'give each its own "name"');
    else rows.push({ block, name, scope });
    seen.add(name);
  }
  return { rows, open };
}

function complainOfName(name: string, block: BakeBlock, world: BakeWorld): void {
  world.complain(`"${name}" is no name of a ${block.type}: letters, digits, "_" and "-" are allowed`, block.place);
}

function matrixLocals(value: Value, block: BakeBlock, world: BakeWorld): { readonly rows: readonly ReadonlyMap<string, Value>[]; readonly open: boolean } {
  if (value.kind !== "map") {
    if (value.kind !== "unknown") world.complain(`a matrix is an object of lists, not ${kindName(value)}`, block.place);
    return { rows: [], open: true };
  }
  let rows: ReadonlyMap<string, Value>[] = [new Map()];
  let open = value.open;
  for (const key of [...value.entries.keys()].sort()) {
    const choices = value.entries.get(key) as Value;
    if (choices.kind === "unknown") {
      open = true;
      rows = rows.map((row) => new Map(row).set(key, unknown(key)));
      continue;
    }
    const items = choices.kind === "list" ? choices.items : choices.kind === "map" ? [...choices.entries.values()] : undefined;
    if (items === undefined) {
      world.complain(`the values of "${key}" in a matrix are a list, not ${kindName(choices)}`, choices.place ?? block.place);
      return { rows: [], open: true };
    }
    if (choices.kind === "list") open ||= choices.open;
    if (rows.length * items.length > MOST_ROWS) {
      world.complain(`the matrix has more than the ${MOST_ROWS} rows that we read`, block.place, undefined, "limit-exceeded");
      return { rows: [], open: true };
    }
    rows = items.flatMap((item) => rows.map((row) => new Map(row).set(key, item)));
  }
  return { rows, open };
}
