/** One change of this machine, as data: shown before it is done, done once, and undone from what was kept of it. */
export type HostChange =
  /** A file gets other content (`before` undefined: it is made). */
  | { readonly kind: "file"; readonly path: string; readonly before: string | undefined; readonly after: string; readonly about: string }
  /** The daemon starts again with its configuration. `command`: what does it here; undefined: only the user can, as `byHand` says. */
  | { readonly kind: "restart"; readonly command: readonly string[] | undefined; readonly byHand: string; readonly about: string }
  /** A Buildx builder is made and started. `command` is the whole command line, `docker` first. */
  | { readonly kind: "builder"; readonly name: string; readonly command: readonly string[]; readonly about: string }
  /** Builds without `--builder` take it from now on. `before`: what they took; undefined: the context's own. */
  | { readonly kind: "select"; readonly name: string; readonly before: string | undefined; readonly about: string }
  /** The kernel is told to run a foreign architecture's programs by an emulator. */
  | { readonly kind: "emulator"; readonly architecture: string; readonly interpreter: string; readonly registration: string; readonly about: string }
  /** As `emulator`, by a container that does it. */
  | { readonly kind: "emulator-container"; readonly architectures: readonly string[]; readonly command: readonly string[]; readonly about: string };

/** What is to be changed, and what the user should know before. */
export interface HostFixPlan {
  readonly with: "buildx" | "containerd";
  /** In the order in which they are done. Empty: there is nothing to do. */
  readonly changes: readonly HostChange[];
  /** What it costs or means: `images of the classic store are not shown any more; they stay on the disk`. */
  readonly notes: readonly string[];
}

/** Kept of a change that was done, whole, in a file of its own, before the next is begun. */
export interface DoneChange {
  readonly change: HostChange;
  readonly atMs: number;
  /** Where the file's former content is kept. */
  readonly backup?: string;
}

/** One run of `fix --host --write`: what `--undo` takes back, last change first. */
export interface HostFixRecord {
  readonly version: 1;
  readonly id: string;
  readonly with: "buildx" | "containerd";
  readonly done: readonly DoneChange[];
}
