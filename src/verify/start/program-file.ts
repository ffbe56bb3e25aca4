import { type Interpreter, interpreterNamed } from "../../facts/wrappers.ts";
import { baseName } from "./names.ts";

/** A file that an interpreter is told to run: `java -jar /app.jar`, `node server.js`. */
export interface ProgramFile {
  readonly asked: string;
  /** Names under which it may lie. */
  readonly candidates: readonly string[];
}

/**
 * Reads an interpreter's arguments.
 * @param words  its own name first
 * @returns undefined for what is no known interpreter, or is told to run something else than a file
 */
export function programFileOf(words: readonly string[]): ProgramFile | undefined {
  const interpreter = interpreterNamed(baseName(words[0] ?? ""));
  const asked = interpreter === undefined ? undefined : operandOf(interpreter, words.slice(1));
  if (interpreter === undefined || asked === undefined || asked === "" || (interpreter.only !== undefined && !asked.endsWith(interpreter.only)))
    return undefined;
  return { asked, candidates: [asked, ...interpreter.endings.map((ending) => `${asked}${ending}`)] };
}

function operandOf({ values, instead, option }: Interpreter, words: readonly string[]): string | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    // `-cprint(1)`, `--eval=1`: a value joined to the option.
    if (
      instead.some(
        (one) =>
          word === one ||
          (one.startsWith("--") ? word.startsWith(`${one}=`) : one.length === 2 && one !== "--" && one !== "-" && option === undefined && word.startsWith(one)),
      )
    )
      return undefined;
    if (word === option) return words[i + 1];
    if (word === "--") return option === undefined ? words[i + 1] : undefined;
    if (values.includes(word)) i++;
    else if (word.startsWith("@") && option !== undefined) return undefined;
    else if (!word.startsWith("-")) return option !== undefined || isPerhapsValue(word, words[i - 1]) ? undefined : word;
  }
  return undefined;
}

/** `foo` behind `--title`: an option that is not known may take it. */
const isPerhapsValue = (word: string, before: string | undefined): boolean => before?.startsWith("--") === true && !before.includes("=") && !/[./]/.test(word);
