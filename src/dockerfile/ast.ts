import type { Complaint } from "../core/complaint.ts";
import type { SourceFile, Span } from "../core/span.ts";

/** A Dockerfile as written: nothing expanded, every node with its span in `file.text`. */
export interface Dockerfile {
  readonly file: SourceFile;
  readonly directives: Directives;
  /** ARG instructions before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** Everything that is wrong or odd, in file order. With an error among them the tree is what could be read. */
  readonly complaints: readonly Complaint[];
}

/** Parser directives from the head of the file. */
export interface Directives {
  readonly syntax?: Word;
  readonly check?: Word;
  readonly escape: "\\" | "`";
}

/** A text as it stands in the file: quotes and variables still in it, continuation lines joined. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

export interface Stage {
  readonly index: number;
  /** Name after AS, in lower case as BuildKit compares it. */
  readonly name?: string;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

/** A here-document given to COPY, ADD or RUN. */
export interface Heredoc {
  /** Delimiter word, without quotes. */
  readonly name: string;
  /** False when the delimiter was quoted: variables in the body stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are already taken off `content`. */
  readonly chomp: boolean;
  readonly content: string;
  /** The body as it stands in the file: with its tabs and line ends. */
  readonly raw: string;
  /** The body and the line that ends it. */
  readonly span: Span;
}

interface Base {
  /** Whole instruction with its continuation lines and here-documents. */
  readonly span: Span;
  /** The instruction as one line, as BuildKit records it in history (`Node.Original`), heredocs left out. */
  readonly original: string;
  /** The flags that were given, in order, for rules and messages. */
  readonly flags: readonly Flag[];
}

/** `--name` or `--name=value` behind an instruction. */
export interface Flag {
  readonly name: string;
  readonly value?: Word;
  readonly span: Span;
}

export interface FromInstruction extends Base {
  readonly kind: "from";
  readonly platform?: Word;
  readonly image: Word;
  readonly as?: Word;
}

export interface ArgInstruction extends Base {
  readonly kind: "arg";
  readonly args: readonly { readonly name: Word; readonly value?: Word }[];
}

export interface EnvInstruction extends Base {
  readonly kind: "env";
  readonly pairs: readonly KeyValue[];
}

export interface LabelInstruction extends Base {
  readonly kind: "label";
  readonly pairs: readonly KeyValue[];
}

export interface KeyValue {
  readonly key: Word;
  readonly value: Word;
  /** `ENV key value` (old form): the value runs to the end of the line. */
  readonly spaced: boolean;
}

/** COPY and ADD share all but a few flags. */
export interface TransferInstruction extends Base {
  readonly kind: "copy" | "add";
  /** Paths, patterns, addresses; a here-document source is in `heredocs`. */
  readonly sources: readonly Word[];
  readonly heredocs: readonly Heredoc[];
  readonly destination: Word;
  /** COPY only. */
  readonly from?: Word;
  readonly chown?: Word;
  readonly chmod?: Word;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly Word[];
  /** ADD only. */
  readonly checksum?: Word;
  readonly keepGitDir?: boolean;
  /** ADD only; absent means: unpack local archives, keep remote ones. */
  readonly unpack?: boolean;
}

/** A command in shell form (`shell: true`, one element) or exec form. */
export interface CommandLine {
  readonly shell: boolean;
  readonly words: readonly string[];
}

export interface RunInstruction extends Base {
  readonly kind: "run";
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly RunMount[];
  readonly network?: Word;
  readonly security?: Word;
  readonly devices: readonly Word[];
}

/** One `--mount`, its options as written and checked for name, type and combination; values unexpanded. */
export interface RunMount {
  /** `bind` also where the option is a variable: `options` has it then, under `type`. Read `text` again with `readMount` once variables have values. */
  readonly type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  /** Canonical option names: target, source, from, id, sharing, mode, uid, gid, size, required, env, readonly (`true`/`false`). */
  readonly options: ReadonlyMap<string, string>;
  /** The flag's value. */
  readonly text: string;
  readonly span: Span;
}

export interface CommandInstruction extends Base {
  readonly kind: "cmd" | "entrypoint";
  readonly command: CommandLine;
}

export interface ShellInstruction extends Base {
  readonly kind: "shell";
  readonly shell: readonly string[];
}

/** WORKDIR, USER, STOPSIGNAL, MAINTAINER: one word. */
export interface SingleWordInstruction extends Base {
  readonly kind: "workdir" | "user" | "stopsignal" | "maintainer";
  readonly word: Word;
}

/** EXPOSE, VOLUME: a list of words. */
export interface WordListInstruction extends Base {
  readonly kind: "expose" | "volume";
  readonly words: readonly Word[];
}

export interface HealthcheckInstruction extends Base {
  readonly kind: "healthcheck";
  /** `NONE`, or CMD with a command. */
  readonly test: "none" | CommandLine;
  /** Nanoseconds. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export interface OnbuildInstruction extends Base {
  readonly kind: "onbuild";
  /** The trigger as it goes into the image's config. */
  readonly expression: string;
  /** The trigger, read: its own complaints are among the file's. */
  readonly trigger?: Instruction;
}

export type Instruction =
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | TransferInstruction
  | RunInstruction
  | CommandInstruction
  | ShellInstruction
  | SingleWordInstruction
  | WordListInstruction
  | HealthcheckInstruction
  | OnbuildInstruction;
