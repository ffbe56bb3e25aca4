/** One change of this machine, as data: shown before it is done, done once, and undone from what was kept of it. */
export type HostChange =
  /** A file gets other content (`before` undefined: it is made). */
  | { readonly kind: "file"; readonly path: string; readonly before: string | undefined; readonly after: string; readonly about: string }
  /** The daemon starts again with its configuration. `command`: what does it here; undefined: only the user can, as `byHand` says. */
  | { readonly kind: "restart"; readonly command: readonly string[] | undefined; readonly byHand: string; readonly about: string }
  /**
   * A Buildx builder is made and started, or one that had been stopped is started. `command` and `undo` are whole command lines, `docker` first;
   * `undo` takes back what `command` did: it removes the builder, or stops it.
   */
  | { readonly kind: "builder"; readonly name: string; readonly command: readonly string[]; readonly undo: readonly string[]; readonly about: string }
  /** Builds without `--builder` take it from now on. `before`: what they took; undefined: the context's own, which `undo` chooses again. */
  | {
      readonly kind: "select";
      readonly name: string;
      readonly before: string | undefined;
      readonly command: readonly string[];
      readonly undo: readonly string[];
      readonly about: string;
    }
  /** The kernel is told to run a foreign architecture's programs by an emulator. */
  | { readonly kind: "emulator"; readonly architecture: string; readonly interpreter: string; readonly registration: string; readonly about: string }
  /** As `emulator`, by a container that does it; `undo` takes away just these. */
  | {
      readonly kind: "emulator-container";
      readonly architectures: readonly string[];
      readonly command: readonly string[];
      readonly undo: readonly string[];
      readonly about: string;
    };

/** What is to be changed, and what the user should know before. */
export interface HostFixPlan {
  readonly with: "buildx" | "containerd";
  /** In the order in which they are done. Empty: there is nothing to do. */
  readonly changes: readonly HostChange[];
  /** What it costs or means: `images of the classic store are not shown any more; they stay on the disk`. */
  readonly notes: readonly string[];
}

/** What is kept of a change, in a file of its own: before it is made, and again once it is made. */
export interface DoneChange {
  readonly change: HostChange;
  /** `begun`: nobody knows whether it was made, because the run ended meanwhile. */
  readonly state: "begun" | "made";
  readonly atMs: number;
  /** Where the file's former content is kept; absent when there was no file. */
  readonly backup?: string;
  /** Of the former file: permission bits, user and group by number. */
  readonly mode?: number;
  readonly userId?: number;
  readonly groupId?: number;
  /** The folder that was made for it. */
  readonly madeFolder?: string;
}

/** One run of `fix --host --write`: what `--undo` takes back, last change first. */
export interface HostFixRecord {
  readonly version: 1;
  /** Later runs have later ones. */
  readonly id: string;
  readonly with: "buildx" | "containerd";
  /** False while the run goes on, and for good when it was ended before it was through. */
  readonly complete: boolean;
  readonly done: readonly DoneChange[];
}
