/** A word of a shell's line, quotes removed. */
export interface ShellWord {
  readonly text: string;
  /** `known`: as it stands. `assumed`: holds a variable, whose value is the image's. `opaque`: what it becomes is known at run time only. */
  readonly value: "known" | "assumed" | "opaque";
}

export interface ShellCommand {
  /** What joins it to the one before it: `""` for the first; a line's end is `;`. */
  readonly joint: "" | ";" | "&&" | "||" | "|" | "&";
  readonly assignments: readonly { readonly name: string; readonly value: ShellWord }[];
  readonly words: readonly ShellWord[];
}

export interface ShellVariables {
  readonly env: ReadonlyMap<string, string>;
  /** `$0`, `$1` … */
  readonly positional: readonly string[];
}

/** A longer line is not looked at. */
const LINE_LIMIT = 64 * 1024;
/** Set by runtimes and shells themselves. */
const AT_RUN_TIME =
  /^(?:HOME|HOSTNAME|PWD|OLDPWD|TERM|USER|LOGNAME|SHELL|SHLVL|UID|EUID|PPID|RANDOM|SECONDS|LINENO|IFS|OPTIND|OPTARG|REPLY|BASH.*|FUNCNAME|[0-9?$!#-])$/;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

/**
 * Reads the simple commands of a shell's line, up to the first construct that is none (a group, a here-document); the names of keywords come as words. It reads what stands in images'
 * configs, mostly one command; scripts are read by the room `shell`.
 */
export function readShellLine(line: string, variables: ShellVariables): readonly ShellCommand[] {
  return line.length > LINE_LIMIT ? [] : new LineReader(line, variables).read();
}

/** A word while it grows. `pieces` of an unquoted expansion may make several. */
interface Growing {
  text: string;
  value: ShellWord["value"];
  /** Holds a quote or a literal character: stands even when empty. */
  stands: boolean;
  raw: string;
}

class LineReader {
  readonly #line: string;
  readonly #variables: ShellVariables;
  /** Names that the line itself sets: their values are not followed. */
  readonly #set = new Set<string>();
  readonly #commands: ShellCommand[] = [];
  #at = 0;
  #joint: ShellCommand["joint"] = "";
  #words: { readonly word: ShellWord; readonly raw: string }[] = [];
  #word: Growing | undefined;

  constructor(line: string, variables: ShellVariables) {
    this.#line = line;
    this.#variables = variables;
  }

  read(): readonly ShellCommand[] {
    while (this.#at < this.#line.length) {
      if (!this.#step()) {
        // What stands before it may belong to it.
        return this.#commands;
      }
    }
    this.#endCommand("");
    return this.#commands;
  }

  /** Reads on. @returns false at what is not read */
  #step(): boolean {
    const rest = this.#line.slice(this.#at, this.#at + 3);
    const char = rest[0] as string;
    if (char === " " || char === "\t") return this.#take(1, () => this.#endWord());
    if (char === "#" && this.#word === undefined) return this.#skipComment();
    if (char === "\n" || char === ";") return !rest.startsWith(";;") && this.#take(1, () => this.#endCommand(";"));
    if (rest.startsWith("&&")) return this.#take(2, () => this.#endCommand("&&"));
    if (rest.startsWith("||")) return this.#take(2, () => this.#endCommand("||"));
    if (char === "|") return this.#take(rest.startsWith("|&") ? 2 : 1, () => this.#endCommand("|"));
    if (char === ">" || char === "<" || rest.startsWith("&>")) return this.#skipRedirection();
    if (char === "&") return this.#take(1, () => this.#endCommand("&"));
    if (char === "(" || char === ")") return false;
    return this.#character(false);
  }

  #take(length: number, then: () => void): true {
    this.#at += length;
    then();
    return true;
  }

  #skipComment(): true {
    const end = this.#line.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#line.length : end;
    return true;
  }

  /** `>file`, `2>&1`, `< file`; the number before it is no word. */
  #skipRedirection(): boolean {
    if (this.#word !== undefined && !/^[0-9]+$/.test(this.#word.raw)) this.#endWord();
    this.#word = undefined;
    const operator = /^(?:&>>?|[<>]&|<>|>\||>>|[<>])/.exec(this.#line.slice(this.#at, this.#at + 3))?.[0] ?? "";
    this.#at += operator.length;
    if (this.#line[this.#at] === "<" || this.#line[this.#at] === "(") return false;
    while (this.#line[this.#at] === " " || this.#line[this.#at] === "\t") this.#at++;
    while (this.#at < this.#line.length && !/[\s;&|<>()]/.test(this.#line[this.#at] as string)) if (!this.#character(false)) return false;
    this.#word = undefined;
    return true;
  }

  #growing(): Growing {
    this.#word ??= { text: "", value: "known", stands: false, raw: "" };
    return this.#word;
  }

  #add(text: string, length: number): true {
    const word = this.#growing();
    word.text += text;
    word.stands = true;
    word.raw += this.#line.slice(this.#at, this.#at + length);
    this.#at += length;
    return true;
  }

  /** A character of a word, or a quoted part. @returns false when it does not end */
  #character(quoted: boolean): boolean {
    const char = this.#line[this.#at] as string;
    if (char === "\\") {
      const next = this.#line[this.#at + 1] ?? "";
      if (next === "\n") return this.#take(2, () => {});
      return this.#add(quoted && !'$`"\\'.includes(next) ? `\\${next}` : next, 2);
    }
    if (char === "$") return this.#expansion(quoted);
    if (char === "`") return this.#substitution(this.#line.indexOf("`", this.#at + 1) + 1);
    if (quoted) return this.#add(char, 1);
    if (char === "'") {
      const end = this.#line.indexOf("'", this.#at + 1);
      return end !== -1 && this.#add(this.#line.slice(this.#at + 1, end), end + 1 - this.#at);
    }
    if (char === '"') return this.#doubleQuoted();
    if ("*?".includes(char) || (char === "~" && this.#word === undefined) || char === "{") this.#growing().value = "opaque";
    return this.#add(char, 1);
  }

  #doubleQuoted(): boolean {
    this.#add("", 1);
    while (this.#at < this.#line.length) {
      // `"$@"` of nothing is no word, not an empty one.
      if (this.#line[this.#at] === '"') return this.#word === undefined ? this.#take(1, () => {}) : this.#add("", 1);
      if (!this.#character(true)) return false;
    }
    return false;
  }

  #substitution(end: number): boolean {
    if (end <= this.#at) return false;
    this.#growing().value = "opaque";
    return this.#add("", end - this.#at);
  }

  #expansion(quoted: boolean): boolean {
    const rest = this.#line.slice(this.#at);
    if (rest.startsWith("$(")) return this.#substitution(closing(this.#line, this.#at + 1));
    const match = /^\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])|\{([A-Za-z_][A-Za-z0-9_]*|[0-9@*])(?::?-([^{}$"'`\\]*))?\})/.exec(rest);
    if (match === null) return rest.startsWith("${") ? this.#substitution(this.#line.indexOf("}", this.#at) + 1) : this.#add("$", 1);
    const [all, bare, braced, byDefault] = match;
    const name = bare ?? braced ?? "";
    if (name === "@" || name === "*") return this.#allPositional(all.length, quoted && name === "@");
    const digit = /^[0-9]$/.test(name);
    if (this.#set.has(name) || (AT_RUN_TIME.test(name) && !digit)) return this.#substitution(this.#at + all.length);
    const value = (digit ? this.#variables.positional[Number(name)] : this.#variables.env.get(name)) || byDefault;
    const grown = this.#growing();
    if (!digit && grown.value === "known") grown.value = "assumed";
    if (value === undefined && this.#words.length === 0 && !quoted) return this.#substitution(this.#at + all.length);
    if (quoted) return this.#add(value ?? "", all.length);
    this.#at += all.length;
    grown.raw += all;
    this.#split(value ?? "", grown.value);
    return true;
  }

  /** An unquoted value: blanks in it end words. */
  #split(text: string, value: ShellWord["value"]): void {
    for (const [i, part] of text.split(/[ \t\n]+/).entries()) {
      if (i > 0) this.#endWord();
      if (part === "") continue;
      const word = this.#growing();
      word.text += part;
      word.stands = true;
      word.value = word.value === "opaque" || /[*?]/.test(part) ? "opaque" : value;
    }
  }

  #allPositional(length: number, quoted: boolean): boolean {
    const [, ...all] = this.#variables.positional;
    this.#at += length;
    for (const [i, text] of all.entries()) {
      if (i > 0) this.#endWord();
      const word = this.#growing();
      if (quoted) {
        word.text += text;
        word.stands = true;
      } else this.#split(text, "known");
    }
    // Quotes around it do not make it a word when there are none.
    if (all.length === 0 && this.#word?.text === "") this.#word = undefined;
    return true;
  }

  #endWord(): void {
    const word = this.#word;
    this.#word = undefined;
    if (word === undefined || (!word.stands && word.value !== "opaque")) return;
    this.#words.push({ word: { text: word.text, value: word.value }, raw: word.raw });
  }

  #endCommand(next: ShellCommand["joint"]): void {
    this.#endWord();
    const all = this.#words;
    this.#words = [];
    const first = all.findIndex(({ raw }) => !ASSIGNMENT.test(raw));
    const assigned = all.slice(0, first === -1 ? all.length : first).map(({ word: { text, value } }) => {
      const equals = text.indexOf("=");
      return { name: text.slice(0, equals), value: { text: text.slice(equals + 1), value } };
    });
    const words = first === -1 ? [] : all.slice(first).map(({ word }) => word);
    for (const { name } of first === -1 ? assigned : []) this.#set.add(name);
    if (words[0]?.text === "read" || words[0]?.text === "for") for (const { text } of words) this.#set.add(text);
    else for (const { text } of words) if (ASSIGNMENT.test(text)) this.#set.add(text.slice(0, text.indexOf("=")));
    if (all.length > 0) this.#commands.push({ joint: this.#joint, assignments: assigned, words });
    if (all.length > 0 || this.#joint === "") this.#joint = this.#commands.length === 0 ? "" : next || ";";
  }
}

/** The place behind the bracket that closes the one at `open`; 0 when none does. Quotes are passed over. */
function closing(line: string, open: number): number {
  let depth = 0;
  for (let i = open; i < line.length; i++) {
    const char = line[i];
    if (char === "\\") i++;
    else if (char === "'" || char === '"') {
      const end = line.indexOf(char, i + 1);
      if (end === -1) return 0;
      i = end;
    } else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return i + 1;
  }
  return 0;
}
