import type { SourceFile } from "../../core/span.ts";
import { resolved, type YamlMapping, type YamlNode, type YamlScalar } from "../../yaml/tree.ts";
import type { BakeRequest, BakeSwitch, BakeText, BakeTexts } from "../bake-file.ts";
import { goFlag } from "../from-environment.ts";
import type { NamedTexts } from "../layer.ts";
import { joined, merged } from "../value.ts";
import { interpolated } from "./interpolate.ts";

export type Fields = ReadonlyMap<string, Exclude<YamlNode, { readonly kind: "alias" }>>;

const NO_FIELDS: Fields = new Map();
/** Merge keys in what merge keys name. */
const DEEPEST_MERGE = 20;

/** The entries of a mapping with what its merge keys (`<<`) bring; what stands in it itself counts. Empty for anything else. */
export function fieldsOf(node: YamlNode | undefined, depth = 0): Fields {
  const mapping = node && resolved(node);
  if (mapping?.kind !== "mapping" || depth > DEEPEST_MERGE) return NO_FIELDS;
  const fields = new Map<string, Exclude<YamlNode, { readonly kind: "alias" }>>();
  for (const source of mergeSources(mapping)) {
    for (const [key, value] of fieldsOf(source, depth + 1)) if (!fields.has(key)) fields.set(key, value);
  }
  for (const { key, value } of mapping.entries) {
    const content = resolved(value);
    if (key.text !== "<<" && content !== undefined && content.tag !== "!reset") fields.set(key.text, content);
  }
  return fields;
}

function mergeSources(mapping: YamlMapping): readonly YamlNode[] {
  return mapping.entries.flatMap(({ key, value }) => {
    const content = key.text === "<<" && key.style === "plain" ? resolved(value) : undefined;
    return content === undefined ? [] : content.kind === "sequence" ? content.items : [content];
  });
}

/** Reads the values of a compose file, variables filled in. */
export class ComposeReader {
  readonly #file: SourceFile;
  readonly #variables: BakeRequest["variables"];

  constructor(file: SourceFile, variables: BakeRequest["variables"]) {
    this.#file = file;
    this.#variables = variables;
  }

  /** A scalar as text; undefined for null and anything else. */
  text(node: YamlNode | undefined): BakeText | undefined {
    const scalar = node && resolved(node);
    if (scalar?.kind !== "scalar" || scalar.value === null) return undefined;
    return { parts: this.#parts(scalar), place: { file: this.#file, span: scalar.span } };
  }

  /** A list of texts. */
  texts(node: YamlNode | undefined): BakeTexts | undefined {
    const sequence = node && resolved(node);
    if (sequence?.kind !== "sequence") return undefined;
    return { items: sequence.items.flatMap((item) => this.text(item) ?? []), open: false, place: { file: this.#file, span: sequence.span } };
  }

  /** A list of texts, or one text of words, as `x-bake` allows. */
  words(node: YamlNode | undefined): BakeTexts | undefined {
    const listed = this.texts(node);
    const one = listed === undefined ? this.text(node) : undefined;
    if (one === undefined) return listed;
    const whole = joined(one.parts);
    const items = whole === undefined ? [one] : (whole.match(/\S+/g) ?? []).map((word) => ({ parts: [word], place: one.place }));
    return { items, open: whole === undefined, place: one.place };
  }

  /** `{ KEY: value }` or `[KEY=value]`; a key without a value takes it from the environment, and is left out when nothing is there. */
  pairs(node: YamlNode | undefined, fromEnvironment: boolean): NamedTexts | undefined {
    const collection = node && resolved(node);
    if (collection === undefined || collection.kind === "scalar") return undefined;
    const entries = new Map<string, BakeText>();
    const add = (key: string, value: BakeText | undefined, at: YamlScalar["span"]): void => {
      const given = value ?? (fromEnvironment ? this.#fromEnvironment(key, at) : { parts: [], place: { file: this.#file, span: at } });
      if (given !== undefined) entries.set(key, given);
    };
    if (collection.kind === "mapping") for (const [key, value] of fieldsOf(collection)) add(key, this.text(value), value.span);
    else {
      for (const { parts, place } of this.texts(collection)?.items ?? []) {
        const [first, ...rest] = parts;
        const cut = typeof first === "string" ? first.indexOf("=") : -1;
        if (typeof first !== "string") continue;
        if (cut === -1) add(first, undefined, place.span);
        else add(first.slice(0, cut), { parts: merged([first.slice(cut + 1), ...rest]), place }, place.span);
      }
    }
    return { entries, open: false, place: { file: this.#file, span: collection.span } };
  }

  flag(node: YamlNode | undefined): BakeSwitch | undefined {
    const text = this.text(node);
    if (text === undefined) return undefined;
    const whole = joined(text.parts);
    return {
      value: whole === undefined ? undefined : goFlag(whole),
      atoms: text.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms)),
      place: text.place,
    };
  }

  #fromEnvironment(key: string, span: YamlScalar["span"]): BakeText | undefined {
    return this.#variables.has(key) ? { parts: interpolated(`\${${key}}`, this.#variables), place: { file: this.#file, span } } : undefined;
  }

  #parts(scalar: YamlScalar): BakeText["parts"] {
    if (typeof scalar.value === "string") return interpolated(scalar.text, this.#variables);
    return [String(scalar.value)];
  }
}
