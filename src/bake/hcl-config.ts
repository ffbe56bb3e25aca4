import type { BakeFile } from "./bake-file.ts";
import { type Config, type Group, over } from "./config.ts";
import { attributeOf, definitionsOf } from "./definitions.ts";
import type { Layer } from "./layer.ts";
import { readLayer } from "./read-layer.ts";
import { rowsOf } from "./rows.ts";
import { joined, partsOf } from "./value.ts";
import type { BakeWorld, Row } from "./world.ts";

/** Targets and groups of the files in HCL and JSON. */
export function hclConfig(files: readonly BakeFile[], world: BakeWorld): Config {
  world.evaluateAll();
  const expanded = definitionsOf(files).blocks.map((block) => ({ block, ...rowsOf(block, world) }));
  const rows = new Map<string, Row[]>();
  for (const { block, rows: some } of expanded) {
    for (const row of some) {
      const key = `${block.type} ${row.name}`;
      const known = rows.get(key);
      if (known === undefined) rows.set(key, [row]);
      else known.push(row);
    }
  }
  world.rows = rows;
  const layers = new Map<string, Layer>();
  const groups = new Map<string, Group>();
  for (const { block, rows: some } of expanded) {
    for (const row of some) {
      if (block.type === "group") groups.set(row.name, readGroup(row, world));
      else layers.set(row.name, over(layers.get(row.name), readLayer(row, world)));
    }
  }
  for (const [name, group] of matrixGroups(expanded)) if (!groups.has(name)) groups.set(name, group);
  return { layers, groups, open: expanded.some(({ open }) => open) };
}

function readGroup(row: Row, world: BakeWorld): Group {
  const targets = attributeOf(row.block, "targets");
  for (const { name, place } of row.block.body.attributes) {
    if (name !== "targets" && name !== "description" && name !== "name" && name !== "matrix")
      world.warn(`a group has no attribute "${name}": Buildx passes over it`, place);
  }
  if (targets === undefined) {
    world.complain(`the group "${row.name}" has no "targets"`, row.block.place);
    return { name: row.name, targets: [], open: false };
  }
  const value = world.attribute(row, targets.value);
  if (value.kind !== "list") {
    if (value.kind !== "unknown") world.complain('"targets" of a group wants a list of names', targets.place);
    return { name: row.name, targets: [], open: true };
  }
  const names = value.items.map((item) => joined(partsOf(item) ?? [{ source: "", atoms: [] }]));
  const known = names.filter((name) => name !== undefined);
  return { name: row.name, targets: [...new Set(known)], open: value.open || known.length < names.length };
}

/** A target with a matrix is a group of its rows as well. */
function matrixGroups(
  expanded: readonly { readonly block: { readonly type: string; readonly labels: readonly string[] }; readonly rows: readonly Row[]; readonly open: boolean }[],
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { block, rows, open } of expanded) {
    const [label = ""] = block.labels;
    if (block.type !== "target") continue;
    const before = groups.get(label);
    groups.set(label, {
      name: label,
      targets: [...new Set([...(before?.targets ?? []), ...rows.map(({ name }) => name)])],
      open: open || before?.open === true,
    });
  }
  for (const [label, { targets, open }] of [...groups]) if (targets.length === 1 && targets[0] === label && !open) groups.delete(label);
  return groups;
}
