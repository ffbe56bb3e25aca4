/** What a program gave; a program that cannot be started or does not end is an answer, too. */
export type ProgramAnswer =
  | { readonly kind: "ended"; readonly status: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program on PATH. */
  | { readonly kind: "missing" }
  /** It cannot be started: no right to, or words that no program can be given. */
  | { readonly kind: "unstartable"; readonly why: string }
  /** It was ended when its time was over. */
  | { readonly kind: "silent"; readonly afterMs: number; readonly stdout: string; readonly stderr: string };

export interface ProgramRun {
  readonly timeoutMs: number;
  /** Over the process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
}

/** Programs of this machine, started without a shell; output is bounded. */
export interface HostPrograms {
  run(program: string, args: readonly string[], run: ProgramRun): Promise<ProgramAnswer>;
}

export type FileAnswer =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "absent" }
  /** `linkTo`: what a symlink says, as an absolute path. */
  | { readonly kind: "symlink"; readonly linkTo: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** Files of this machine outside any repository: daemon.json, Buildx's folder, /proc. */
export interface HostFiles {
  /** A regular file whole. @param follow  read through symlinks; else a symlink is an answer of its own */
  read(path: string, follow: boolean): FileAnswer;
  /** Names in a folder, sorted; empty when it is not there or cannot be read. */
  list(path: string): readonly string[];
  /** Whether this process could put another file in its place. */
  writable(path: string): boolean;
}

/** What a registry said to `GET /v2/`. */
export type PingAnswer =
  | { readonly kind: "answers"; readonly scheme: "http" | "https"; readonly wantsLogin: boolean }
  /** No answer within the time limit. */
  | { readonly kind: "silent" }
  /** The connection, its name or its certificate failed, or what answers is no registry. */
  | { readonly kind: "failed"; readonly why: string };

/** Asks a registry whether it is there, without logging in. @param registry  `docker.io`, `HOST[:PORT]` */
export type RegistryPing = (registry: string, limit: { readonly timeoutMs: number; readonly signal?: AbortSignal }) => Promise<PingAnswer>;
