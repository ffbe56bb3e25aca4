import type { Span } from "../../../core/span.ts";
import type { Instruction, Stage } from "../../../dockerfile/ast.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { architectureWords, choosesArchitecture } from "../architecture-words.ts";
import { type Constant, Constants } from "../constants.ts";
import { isConditional, MOST_PLACES, runScript } from "../run-script.ts";

/** A file of one architecture that a stage downloads. */
export interface Download {
  readonly instruction: Instruction;
  readonly address: string;
  readonly word: string;
  readonly architecture: string;
  /** What would have to be edited: the word in the address, or the value that it comes from. */
  readonly span: Span;
  /** The word stands in the address itself, outside of single quotes. */
  readonly direct: boolean;
  readonly conditional: boolean;
  /** It is apt's source of packages, with `[arch=…]`. */
  readonly apt: boolean;
}

const ADDRESS = /\bhttps?:\/\/[^\s"'`\\;|&<>]+/g;
const APT = /\bdeb(?:-src)?\s+\[[^\]\n]{0,200}\barch=([a-z0-9]+)\b[^\],\n]{0,200}\]\s*["']?https?:\/\/\S+/g;

/** The downloads of a stage whose address names one architecture, whatever the platform. */
export function downloadsOf(use: DockerfileUse, stage: Stage): readonly Download[] {
  const constants = new Constants(use, stage);
  return stage.instructions.flatMap((instruction) => {
    constants.add(instruction);
    if (instruction.kind === "add") return instruction.sources.flatMap(({ text, span }) => inText({ instruction, constants, text, start: span.start }));
    if (instruction.kind !== "run") return [];
    return inText({ constants, ...runScript(use.dockerfile, instruction) });
  });
}

interface Words {
  readonly instruction: Instruction;
  readonly constants: Constants;
  readonly text: string;
  /** Of the text, in the file. */
  readonly start: number;
}

function inText({ instruction, constants, text, start }: Words): readonly Download[] {
  if (!text.includes("://") || choosesArchitecture(text)) return [];
  const constantOf = (name: string): Constant | undefined => setInScript(text, name, start) ?? constants.get(name);
  const apt = [...text.matchAll(APT)].slice(0, MOST_PLACES).flatMap(({ 0: found, 1: word = "", index }): Download[] => {
    const [named] = architectureWords(word);
    const at = start + index + found.indexOf(word, found.indexOf("arch="));
    const address = found.replace(/^.*\]\s*["']?/, "");
    return named === undefined
      ? []
      : [
          {
            instruction,
            address,
            word,
            architecture: named.architecture,
            span: { start: at, end: at + word.length },
            direct: false,
            conditional: isConditional(text, index),
            apt: true,
          },
        ];
  });
  const addresses = [...text.matchAll(ADDRESS)].slice(0, MOST_PLACES).flatMap(({ 0: address, index }): Download[] => {
    if (apt.some((one) => one.address.startsWith(address))) return [];
    const named = namedIn(address, constantOf);
    if (named === undefined) return [];
    const span = "constant" in named ? named.constant.span : { start: start + index + named.index, end: start + index + named.index + named.word.length };
    const direct = !("constant" in named) && !isSingleQuoted(text, index);
    return [{ instruction, address, word: named.word, architecture: named.architecture, span, direct, conditional: isConditional(text, index), apt: false }];
  });
  return [...apt, ...addresses];
}

type Named = { readonly word: string; readonly architecture: string } & ({ readonly index: number } | { readonly constant: Constant });

/** The one architecture that an address's file (or a folder of just that name) is for. */
function namedIn(address: string, constantOf: (name: string) => Constant | undefined): Named | undefined {
  const path = address.replace(/^https?:\/\/[^/]*/, (host) => " ".repeat(host.length)).replace(/[?#].*$/, "");
  const lastSlash = path.lastIndexOf("/");
  const own = architectureWords(path).filter(({ word, index }) => index > lastSlash || isFolder(path, index, word.length));
  const [first] = own;
  if (first !== undefined) return { word: path.slice(first.index, first.index + first.word.length), architecture: first.architecture, index: first.index };
  for (const { 1: name = "" } of path.matchAll(/\$\{?(\w+)\}?/g)) {
    const constant = constantOf(name);
    const [word, ...others] = architectureWords(constant?.value ?? "");
    if (constant !== undefined && word !== undefined && others.length === 0) return { word: constant.value, architecture: word.architecture, constant };
  }
  return undefined;
}

const isFolder = (path: string, index: number, length: number): boolean => /[/_-]/.test(path[index - 1] ?? "") && path[index + length] === "/";

/** A value that the script gives a variable, once and plainly. */
function setInScript(text: string, name: string, start: number): Constant | undefined {
  const found = [...text.matchAll(new RegExp(`(?<![\\w$])${name}=(["']?)([\\w.-]+)\\1`, "g"))];
  const [one] = found;
  if (one === undefined || found.length > 1) return undefined;
  const value = one[2] as string;
  const at = start + one.index + name.length + 1 + (one[1] as string).length;
  return { value, span: { start: at, end: at + value.length } };
}

const isSingleQuoted = (text: string, index: number): boolean => {
  const line = text.slice(text.lastIndexOf("\n", index) + 1, index).replace(/"[^"]*"/g, "");
  return (line.match(/'/g)?.length ?? 0) % 2 === 1;
};
