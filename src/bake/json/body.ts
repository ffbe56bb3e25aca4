import type { SourceFile } from "../../core/span.ts";
import type { BakeAttribute, BakeBlock, BakeBody } from "../body.ts";
import type { Expression } from "../expression.ts";
import { BakeSyntaxError } from "../hcl/cursor.ts";
import { readExpression } from "../hcl/expressions.ts";
import { readTemplate } from "../hcl/templates.ts";
import { type JsonEntry, type JsonNode, parseJson } from "./parse.ts";

const BLOCKS: ReadonlySet<string> = new Set(["target", "group", "variable", "function"]);
/** Blocks within a block that have no name. */
const INNER_BLOCKS: ReadonlySet<string> = new Set(["validation"]);

/** Of a file in bake's JSON. Throws a {@link BakeSyntaxError}. */
export function readJsonBody(file: SourceFile): BakeBody {
  const root = parseJson(file.text);
  const entries = objectsOf(root).flatMap((object) => object.entries);
  const attributes: BakeAttribute[] = [];
  const blocks: BakeBlock[] = [];
  for (const entry of entries) {
    if (entry.key === "//") continue;
    if (!BLOCKS.has(entry.key)) attributes.push(attributeOf(file, entry));
    else {
      for (const { entries: named } of objectsOf(entry.value)) {
        for (const { key, keySpan, value } of named) {
          for (const object of objectsOf(value))
            blocks.push({ type: entry.key, labels: [key], body: blockBody(file, object.entries), place: { file, span: keySpan } });
        }
      }
    }
  }
  return { attributes, blocks };
}

type JsonObject = Extract<JsonNode, { readonly kind: "object" }>;

/** Where blocks stand there may be one object or several; null stands for none. */
function objectsOf(node: JsonNode): readonly JsonObject[] {
  if (node.kind === "object") return [node];
  if (node.kind === "array") return node.items.flatMap(objectsOf);
  if (node.value === null) return [];
  throw new BakeSyntaxError("an object is wanted here", node.span);
}

function blockBody(file: SourceFile, entries: readonly JsonEntry[]): BakeBody {
  const attributes: BakeAttribute[] = [];
  const blocks: BakeBlock[] = [];
  for (const entry of entries) {
    if (entry.key === "//") continue;
    if (!INNER_BLOCKS.has(entry.key)) attributes.push(attributeOf(file, entry));
    else
      for (const { entries: inner } of objectsOf(entry.value))
        blocks.push({ type: entry.key, labels: [], body: blockBody(file, inner), place: { file, span: entry.keySpan } });
  }
  return { attributes, blocks };
}

function attributeOf(file: SourceFile, { key, keySpan, value }: JsonEntry): BakeAttribute {
  return { name: key, value: expressionOf(value), place: { file, span: { start: keySpan.start, end: value.span.end } } };
}

function expressionOf(node: JsonNode): Expression {
  const { span } = node;
  if (node.kind === "array") return { kind: "list", items: node.items.map(expressionOf), span };
  if (node.kind === "object") {
    return {
      kind: "object",
      entries: node.entries.map(({ key, keySpan, value }) => ({ key: readTemplate(key, keySpan, readExpression), value: expressionOf(value) })),
      span,
    };
  }
  return typeof node.value === "string" ? readTemplate(node.value, span, readExpression) : { kind: "literal", value: node.value, span };
}
