import { ProblemError } from "../core/problem.ts";
import { replacePattern, trimPrefix, trimSuffix } from "./shell-pattern.ts";
import { isSpace } from "./white-space.ts";

/** Variables as they stand where a word is expanded. A `Map<string, string>` is one. */
export interface Environment {
  get(name: string): string | undefined;
  /** Every name that `get` knows, for hints. */
  keys(): Iterable<string>;
}

export interface WordOptions {
  /** The file's escape character. A here-document's body always has the backslash. */
  readonly escape: "\\" | "`";
  /**
   * `word` (the default): quotes group and vanish. `heredoc`: quotes are ordinary characters, as in a here-document's body.
   * `display`: quotes stay and unset variables stay as written, as in the name that progress shows of a RUN.
   */
  readonly mode?: "word" | "heredoc" | "display";
}

export interface Expanded {
  readonly value: string;
  /** Names that were looked up and have no value, in order of appearance. */
  readonly unmatched: readonly string[];
  /** Names that were looked up and have one. */
  readonly used: readonly string[];
}

export interface ExpandedWords extends Omit<Expanded, "value"> {
  readonly values: readonly string[];
}

/** What the reader of words heeds; the modes of {@link WordOptions} are combinations of these. */
export interface LexerSettings {
  readonly escape: string;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes are ordinary characters. */
  readonly skipQuotes?: boolean;
  /** A variable without a value stays as written. */
  readonly keepUnset?: boolean;
  /** Words are wanted; without it there are none. */
  readonly split?: boolean;
}

/** `${a:-${b:-…}}`: each level is a call. */
const DEEPEST_SUBSTITUTION = 100;
/** `ENV a=$a$a` a few dozen times would fill the memory. Linux takes no variable above 128 KiB. */
const LONGEST_EXPANSION = 16 * 1024 * 1024;

/**
 * Expands `$name`, `${name}` and `${name…}` with every modifier that BuildKit knows, and takes quotes and escapes off.
 * @throws {ProblemError} `dockerfile-syntax` (a quote or brace that never ends, a modifier or pattern that does not exist) |
 *   `dockerfile-semantics` (`${name:?message}` without a value) | `limit-exceeded`; none carries a place
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go (`ProcessWordWithMatches`)
 */
export function expandWord(text: string, environment: Environment, options: WordOptions): Expanded {
  const { value, used, unmatched } = lexWords(text, environment, settingsOf(options));
  return { value, used, unmatched };
}

/** As {@link expandWord}, and splits what comes out at white space that is not quoted: one text may give none or many. */
export function expandWords(text: string, environment: Environment, options: WordOptions): ExpandedWords {
  const { words, used, unmatched } = lexWords(text, environment, { ...settingsOf(options), split: true });
  return { values: words, used, unmatched };
}

function settingsOf({ escape: escaping, mode = "word" }: WordOptions): LexerSettings {
  if (mode === "heredoc") return { escape: "\\", skipQuotes: true };
  return mode === "display" ? { escape: escaping, rawQuotes: true, keepUnset: true } : { escape: escaping };
}

/** The reader behind {@link expandWord} and {@link expandWords}. @throws {ProblemError} as {@link expandWord} */
export function lexWords(text: string, environment: Environment, settings: LexerSettings): Expanded & { readonly words: readonly string[] } {
  const lexer = new WordLexer(text, environment, settings);
  const { value, words } = lexer.read();
  return { value, words, used: [...lexer.used], unmatched: [...lexer.unmatched] };
}

/** Characters that may mean more than themselves. */
const SPECIAL = /^[$<'"\\`]$/;
const LETTER_OR_DIGIT = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;
const SPECIAL_PARAMETER = /^[@*#?\-$!0]$/;

// Source: moby/buildkit frontend/dockerfile/shell/lex.go at v0.25 and 73ed6825 (the same but for wording), read 2026-11-22.
class WordLexer {
  readonly used = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #text: string;
  readonly #environment: Environment;
  readonly #settings: LexerSettings;
  #rawEscapes: boolean;
  #at = 0;
  #depth = 0;
  /**
   * The word being gathered. It is shared with nested substitutions, as in BuildKit: in `80${x:-81}` what stands before
   * the substitution is lost when words are split. Only EXPOSE splits, and its result must be BuildKit's.
   */
  #word = "";

  constructor(text: string, environment: Environment, settings: LexerSettings) {
    // Go's text/scanner drops a byte order mark.
    this.#text = text.startsWith("\ufeff") ? text.slice(1) : text;
    this.#environment = environment;
    this.#settings = settings;
    this.#rawEscapes = settings.rawEscapes === true;
  }

  read(): { value: string; words: string[] } {
    return this.#until(undefined, this.#rawEscapes);
  }

  #checkLength(value: string): void {
    if (value.length <= LONGEST_EXPANSION) return;
    throw new ProblemError("limit-exceeded", {
      message: `"${clip(this.#text)}" expands to more than ${LONGEST_EXPANSION} characters`,
      hint: "keep large values in files",
    });
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** The next character and one step on; empty at the end. */
  #next(): string {
    return this.#text.charAt(this.#at++);
  }

  get #ended(): boolean {
    return this.#at >= this.#text.length;
  }

  #until(stop: string | undefined, rawEscapes: boolean): { value: string; words: string[] } {
    const before = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    const words: string[] = [];
    let value = "";
    let inWord = false;
    this.#word = "";
    const endWord = (): void => {
      if (this.#word === "") return;
      words.push(this.#word);
      this.#word = "";
      inWord = false;
    };
    const split = this.#settings.split === true;
    const addWhole = (text: string): void => {
      if (!split) return;
      this.#word += text;
      inWord = true;
    };
    const addSplitting = (text: string): void => {
      if (!split) return;
      for (const character of text) {
        if (!isSpace(character)) addWhole(character);
        else if (inWord) endWord();
      }
    };
    const quoting = this.#settings.skipQuotes !== true;
    while (!this.#ended) {
      const character = this.#peek();
      if (character === stop) {
        this.#at++;
        endWord();
        this.#rawEscapes = before;
        return { value, words };
      }
      if (character === "$") {
        const part = this.#dollar();
        value += part;
        this.#checkLength(value);
        addSplitting(part);
      } else if (character === "<" || (quoting && (character === "'" || character === '"'))) {
        const part = character === "<" ? this.#possibleHeredoc() : character === "'" ? this.#singleQuoted() : this.#doubleQuoted();
        value += part;
        addWhole(part);
      } else if (character === this.#settings.escape) {
        this.#at++;
        if (this.#rawEscapes) {
          value += character;
          addWhole(character);
        }
        if (this.#ended) break;
        const escaped = this.#next();
        value += escaped;
        addWhole(escaped);
      } else {
        const from = this.#at++;
        while (!this.#ended && !SPECIAL.test(this.#peek()) && this.#peek() !== stop) this.#at++;
        const plain = this.#text.slice(from, this.#at);
        value += plain;
        addSplitting(plain);
      }
    }
    if (stop !== undefined) throw this.#syntax(`the end came while looking for "${stop}"`, `close the substitution with "${stop}"`);
    endWord();
    this.#rawEscapes = before;
    return { value, words };
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end === -1) {
      this.#at = this.#text.length;
      throw this.#syntax("a single quote is not closed", "close the quote, or put the escape character before it");
    }
    const quoted = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    return this.#settings.rawQuotes === true ? quoted : quoted.slice(1, -1);
  }

  #doubleQuoted(): string {
    const quote = this.#settings.rawQuotes === true ? '"' : "";
    let result = quote;
    this.#at++;
    for (;;) {
      if (this.#ended) throw this.#syntax("a double quote is not closed", "close the quote, or put the escape character before it");
      const character = this.#peek();
      if (character === "$") {
        result += this.#dollar();
        continue;
      }
      this.#at++;
      if (character === '"') return result + quote;
      if (character !== this.#settings.escape) {
        result += character;
        continue;
      }
      if (this.#rawEscapes) result += character;
      if (this.#ended) continue;
      const escapable = ['"', "$", this.#settings.escape].includes(this.#peek());
      result += escapable ? this.#next() : character;
    }
  }

  /** `<<` and the white space behind it stay together, so that a here-document's name is one word. */
  #possibleHeredoc(): string {
    const opening = /<<[\t\r ]*|</y;
    opening.lastIndex = this.#at;
    const found = opening.exec(this.#text)?.[0] as string;
    this.#at += found.length;
    return found;
  }

  #dollar(): string {
    this.#at++;
    if (this.#peek() !== "{") {
      const name = this.#name();
      if (name === "") return "$";
      return this.#lookUp(name) ?? (this.#settings.keepUnset === true ? `$${name}` : "");
    }
    this.#at++;
    if (this.#ended) throw this.#missingBrace();
    if (/[{}:]/.test(this.#peek())) throw this.#syntax('a variable\'s name is missing after "${"', 'write "${NAME}"');
    if (++this.#depth > DEEPEST_SUBSTITUTION) {
      throw new ProblemError("limit-exceeded", {
        message: `substitutions are nested more than ${DEEPEST_SUBSTITUTION} deep in "${clip(this.#text)}"`,
        hint: "use an ARG for each part",
      });
    }
    const value = this.#substitution(this.#name());
    this.#depth--;
    return value;
  }

  /** What stands behind `${name`, up to and with the closing brace. */
  #substitution(name: string): string {
    const unset = (written: string): string | undefined => (this.#settings.keepUnset === true ? `\${${name}${written}}` : undefined);
    if (this.#ended) throw this.#missingBrace();
    const first = this.#next();
    if (first === "}") return this.#lookUp(name) ?? unset("") ?? "";
    if (first === "/") return this.#replacement(name, unset);
    if (!/[:+\-?#%]/.test(first)) throw this.#badModifier(first);
    const emptyIsUnset = first === ":";
    if (emptyIsUnset && this.#ended) throw this.#missingBrace();
    const modifier = emptyIsUnset ? this.#next() : first;
    const written = emptyIsUnset ? `:${modifier}` : modifier;
    const trims = modifier === "#" || modifier === "%";
    if (trims && emptyIsUnset) throw this.#badModifier(written);
    const word = this.#orMissing("}", () => this.#until("}", trims).value);
    const value = this.#lookUp(name);
    if (value === undefined) {
      const kept = unset(written + word);
      if (kept !== undefined) return kept;
    }
    const given = value !== undefined && !(emptyIsUnset && value === "");
    switch (modifier) {
      case "-":
        return given ? value : word;
      case "+":
        return given ? word : "";
      case "?":
        if (given) return value;
        throw new ProblemError("dockerfile-semantics", {
          message: `variable ${name} ${value === undefined ? "has no value" : "is empty"}${word === "" ? "" : `: ${clip(word)}`}`,
          hint: `give it one, with --build-arg ${name}=… where it is an ARG`,
          facts: { variable: name },
        });
      case "#":
      case "%": {
        const longest = word.startsWith(modifier);
        return (modifier === "#" ? trimPrefix : trimSuffix)(value ?? "", longest ? word.slice(1) : word, longest);
      }
      default:
        throw this.#badModifier(written);
    }
  }

  #replacement(name: string, unset: (written: string) => string | undefined): string {
    const every = this.#peek() === "/";
    if (every) this.#at++;
    const pattern = this.#orMissing("/", () => this.#until("/", true).value);
    const replacement = this.#orMissing("}", () => this.#until("}", true).value);
    const value = this.#lookUp(name);
    if (value === undefined) {
      const kept = unset(`/${pattern}/${replacement}`);
      if (kept !== undefined) return kept;
    }
    return replacePattern(value ?? "", pattern, replacement, every);
  }

  /** Where the text ended while reading, what is missing is the bracket, whatever was complained of. */
  #orMissing(bracket: "}" | "/", read: () => string): string {
    try {
      return read();
    } catch (error) {
      if (!this.#ended || (error as ProblemError).code !== "dockerfile-syntax") throw error;
      throw bracket === "}"
        ? this.#missingBrace()
        : this.#syntax('"/" is missing in "${NAME/PATTERN/TEXT}"', "write the pattern, a slash and what replaces it");
    }
  }

  /** A variable's name at the reading place: letters, digits and `_`; digits alone where it begins with one; or one special parameter. */
  #name(): string {
    const from = this.#at;
    const here = (): string => {
      const point = this.#text.codePointAt(this.#at);
      return point === undefined ? "" : String.fromCodePoint(point);
    };
    if (DIGIT.test(here())) {
      while (DIGIT.test(here())) this.#at += here().length;
    } else if (SPECIAL_PARAMETER.test(here())) {
      this.#at++;
    } else {
      while (LETTER_OR_DIGIT.test(here())) this.#at += here().length;
    }
    return this.#text.slice(from, this.#at);
  }

  #lookUp(name: string): string | undefined {
    const value = this.#environment.get(name);
    (value === undefined ? this.unmatched : this.used).add(name);
    return value;
  }

  #missingBrace(): ProblemError {
    return this.#syntax('"}" is missing', 'close the substitution with "}", or escape the dollar');
  }

  #badModifier(modifier: string): ProblemError {
    return this.#syntax(
      `modifier "${modifier}" does not exist`,
      "those that do are :- :+ :? - + ? # ## % %% / and //; a variable's name holds letters, digits and underscores",
    );
  }

  #syntax(what: string, hint: string): ProblemError {
    return new ProblemError("dockerfile-syntax", { message: `${what} in "${clip(this.#text)}"`, hint });
  }
}

const clip = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text);
