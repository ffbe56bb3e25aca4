import type { StepInLog } from "./explanation.ts";
import { INPUTS_LIMIT } from "./limits.ts";
import { shown } from "./step-state.ts";

const USES = /^[\w.-]+\/[\w./-]+@\S+$|^\.{1,2}\/\S*$|^docker:\/\/\S+$/;
const INPUT = /^ {2}([\w-]+):(?: (.*))?$/;

/** Reads the head that GitHub's runner prints before a step: its inputs, or its script. Nothing of it is what the step printed. */
export class RunHead {
  readonly #line: number;
  readonly #name: string;
  readonly #with = new Map<string, string>();
  #size = 0;
  #input: string | undefined;
  #part: "script" | "with" | "other" = "script";
  #script = "";

  constructor(name: string, line: number) {
    this.#name = name;
    this.#line = line;
  }

  take(text: string): void {
    if (text === "with:") this.#part = "with";
    else if (text === "env:" || text.startsWith("shell: ")) this.#part = "other";
    else if (this.#part === "with") this.#takeInput(text);
    else if (this.#part === "script" && this.#size < INPUTS_LIMIT) {
      this.#size += text.length;
      this.#script += `${text}\n`;
    }
  }

  step(): StepInLog {
    return { line: this.#line, name: shown(this.#name), uses: USES.test(this.#name) ? this.#name : undefined, with: Object.fromEntries(this.#with) };
  }

  /** What the step runs; empty for an action. */
  get script(): string {
    return this.#script;
  }

  #takeInput(text: string): void {
    this.#size += text.length;
    if (this.#size > INPUTS_LIMIT) return;
    const [, name, value] = INPUT.exec(text) ?? [];
    if (name !== undefined) {
      this.#input = name;
      this.#with.set(name, value ?? "");
    } else if (this.#input !== undefined) this.#with.set(this.#input, `${this.#with.get(this.#input)}\n${text}`.replace(/^\n/, ""));
  }
}
