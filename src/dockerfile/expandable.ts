import { assertNever } from "../core/never.ts";
import { byCodeUnit } from "../core/order.ts";
import type { FromInstruction, Heredoc, Instruction, KeyValue, RunMount, TransferInstruction, Word } from "./ast.ts";
import { readMount } from "./mount.ts";

/** How an instruction's texts are expanded; `words.ts` has all three. What they throw passes through, and still has no place. */
export interface Expander {
  /** One text to one text: `expandWord`. */
  word(text: string): string;
  /** One text to any number: `expandWords`. Only EXPOSE asks. */
  words(text: string): readonly string[];
  /** A here-document's body: `expandWord` with mode `heredoc`. */
  heredoc(text: string): string;
}

/**
 * The instruction with every expandable text expanded, as BuildKit does it right before it is carried out; spans stay.
 *
 * - FROM: image, platform (with global arguments only). COPY, ADD: sources, destination, chown, chmod, checksum, bodies of unquoted
 *   here-documents. ENV, LABEL: keys and values, all with the variables from before the instruction. WORKDIR, USER, STOPSIGNAL, VOLUME: words.
 *   EXPOSE: words, sorted first, each of which may become several. RUN: the options of its mounts, which are checked again.
 * - As they are: ARG (the plan expands a default only where no value is given), CMD, ENTRYPOINT, HEALTHCHECK, SHELL, ONBUILD, MAINTAINER,
 *   RUN's command, and the flags --from, --exclude, --network, --security, --device.
 *
 * @throws {ProblemError} what `expand` throws, and `dockerfile-syntax` | `dockerfile-semantics` for a mount; without a place
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/commands.go (`Expand`, `ExpandRaw`), read 2026-11-22
 */
export function expandInstruction<T extends Instruction | FromInstruction>(instruction: T, expand: Expander): T {
  return expanded(instruction, expand) as T;
}

function expanded(instruction: Instruction | FromInstruction, expand: Expander): Instruction | FromInstruction {
  const word = (one: Word): Word => ({ ...one, text: expand.word(one.text) });
  switch (instruction.kind) {
    case "from":
      return { ...instruction, image: word(instruction.image), ...(instruction.platform === undefined ? {} : { platform: word(instruction.platform) }) };
    case "copy":
    case "add":
      return expandedTransfer(instruction, word, expand);
    case "env":
    case "label":
      return { ...instruction, pairs: instruction.pairs.map((pair): KeyValue => ({ ...pair, key: word(pair.key), value: word(pair.value) })) };
    case "workdir":
    case "user":
    case "stopsignal":
      return { ...instruction, word: word(instruction.word) };
    case "volume":
      return { ...instruction, words: instruction.words.map(word) };
    case "expose": {
      const sorted = [...instruction.words].sort((a, b) => byCodeUnit(a.text, b.text));
      return { ...instruction, words: sorted.flatMap((one) => expand.words(one.text).map((text): Word => ({ ...one, text }))) };
    }
    case "run":
      return { ...instruction, mounts: instruction.mounts.map((mount): RunMount => ({ ...mount, ...readMount(mount.text, (text) => expand.word(text)) })) };
    case "arg":
    case "cmd":
    case "entrypoint":
    case "healthcheck":
    case "maintainer":
    case "onbuild":
    case "shell":
      return instruction;
    default:
      return assertNever(instruction);
  }
}

function expandedTransfer(instruction: TransferInstruction, word: (one: Word) => Word, expand: Expander): TransferInstruction {
  const { chown, chmod, checksum } = instruction;
  return {
    ...instruction,
    ...(chown === undefined ? {} : { chown: word(chown) }),
    ...(chmod === undefined ? {} : { chmod: word(chmod) }),
    ...(checksum === undefined ? {} : { checksum: word(checksum) }),
    sources: instruction.sources.map(word),
    destination: word(instruction.destination),
    heredocs: instruction.heredocs.map((one): Heredoc => (one.expand ? { ...one, content: expand.heredoc(one.content) } : one)),
  };
}
