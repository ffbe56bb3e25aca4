import type { Digest } from "../../../core/digest.ts";

/**
 * What the builder (outside) asks of the *warden* (a Node process inside the sandbox's user, mount and process namespaces): HTTP over a socket in the sandbox's
 * folder. A request whose connection breaks is cancelled, and what it started is ended. Everything is relative to the warden's working directory, the *area*:
 *
 *   layers/HEX/        an unpacked layer, complete (HEX of its diff_id); HEX.json beside it: {@link LayerNote}
 *   ingest/OWNER.N/    a layer being unpacked
 *   work/OWNER.N/      of one program: `upper`, `work` (overlay), or `root` (copies); mount points; files of tmpfs
 *   caches/HEX/N/      folders of cache mounts (HEX: digest of the id); N from 0, more than one where `private` asks for it; HEX/N.lock while it is locked
 *   run/OWNER.sock     where the warden of this owner listens
 *
 * OWNER is as in the store (`adapters/node/store/owner.ts`): what a dead owner left is swept.
 *
 *   GET    /layers?have=HEX,HEX…      200 JSON: those that are there; their notes are touched
 *   PUT    /layers/HEX                body: uncompressed tar. 204; 409 JSON {@link Refusal}
 *   POST   /programs                  body: JSON {@link ProgramOrder}. 200, a stream of {@link frame}s: output as it comes, at last `end` (JSON {@link ProgramReport}). 409 JSON {@link Refusal}
 *   GET    /programs/ID/changes?epoch= body of the answer: uncompressed tar
 *   POST   /programs/ID/keep?as=HEX   204
 *   DELETE /programs/ID               204
 *   GET    /layers                    200 JSON: {@link LayerNote} of all
 *   DELETE /layers/HEX                204
 *   GET    /caches                    200 JSON: {@link CacheNote}[]
 *   DELETE /caches/HEX/N              204
 *   POST   /try                       body: a small static program, run as it is: 200 JSON {@link TryReport}
 */
export const LAYER_PATH = /^\/layers\/([0-9a-f]{64})$/;

/** Of an unpacked layer. It counts for one run of the kernel: after that nobody knows whether all of it had reached the disk. */
export interface LayerNote {
  readonly layer: Digest;
  readonly bytes: number;
  readonly entries: number;
  /** /proc/sys/kernel/random/boot_id. */
  readonly boot: string;
  /** Folders that its archive does not tell of, parents first: `prepareUpper` needs them. */
  readonly implied: readonly string[];
  /** Milliseconds since 1970; kept in the note's mtime, not in its text. */
  readonly usedMs?: number;
}

export interface CacheNote {
  /** `HEX/N`. */
  readonly key: string;
  readonly id: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** A problem, as data: `code` is one of `PROBLEMS`. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** `SandboxProgram` as JSON: layers as HEX, bytes in base64. */
export interface ProgramOrder {
  readonly id: string;
  readonly layers: readonly string[];
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly workdir: string;
  readonly user: string;
  readonly mounts: readonly MountOrder[];
  readonly network: "host" | "none";
  /** Whole texts of /etc/hosts and /etc/resolv.conf. */
  readonly etcHosts: string;
  readonly resolvConf: string;
  /** Of /dev/shm, when the step says it. */
  readonly shmBytes?: number;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  /** `uname -m` and the like stay the machine's; for messages, and to name the emulator that crashed. */
  readonly platform: string;
  readonly emulated: boolean;
}

export type MountOrder =
  | { readonly kind: "files"; readonly target: string; readonly layers: readonly string[]; readonly path: string; readonly writable: boolean }
  /** `folder`: in the area; the builder holds its lock for as long as the program runs. */
  | {
      readonly kind: "cache";
      readonly target: string;
      readonly folder: string;
      readonly id: string;
      readonly seed?: { readonly layers: readonly string[]; readonly path: string };
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly readonly: boolean;
    }
  | { readonly kind: "tmpfs"; readonly target: string; readonly bytes?: number; readonly readonly?: boolean }
  | { readonly kind: "file"; readonly target: string; readonly base64: string; readonly mode: number; readonly uid: number; readonly gid: number }
  /** `socket`: in the area; the builder listens there. */
  | { readonly kind: "socket"; readonly target: string; readonly socket: string; readonly mode: number; readonly uid: number; readonly gid: number };

export interface ProgramReport {
  readonly exitCode: number;
  readonly signal?: string;
  readonly why?: string;
}

export interface TryReport {
  /** Exit status; absent when it could not be executed. */
  readonly exitCode?: number;
  /** `ENOEXEC` and the like. */
  readonly code?: string;
}

/** How a warden keeps house. */
export interface WardenOptions {
  readonly owner: string;
  /** `namespaces`: mounts, process namespaces, seccomp. `chroot`: nothing of that. */
  readonly cells: "namespaces" | "chroot";
  /** Ids that the namespace has: `[0, COUNT)`. 1 for a single-id map. What belongs to others keeps its owner in {@link OWNER_XATTR}. */
  readonly ids: number;
  /** Emulators to register in our own binfmt_misc, by architecture (Go's names): static programs, relative to the area or absolute. */
  readonly emulators: Readonly<Record<string, string>>;
  /** What dead owners left in `work` and `ingest`, to be removed: names as in `work/OWNER.N`. */
  readonly leftovers: readonly string[];
}

/** The warden's first line on stdout, once it listens: JSON. Its options are the first line of its stdin, which stays open for as long as it is wanted. */
export interface WardenReady {
  /** Whether overlay mounts work upon the area (tried). */
  readonly overlay: boolean;
  /** Architectures whose emulator is registered. */
  readonly registered: readonly string[];
  /** Why the emulators are not registered, where they are not. */
  readonly refused?: string;
}

/** `UID:GID` of a file that could not be given to its owner. */
export const OWNER_XATTR = "user.multihull.owner";

/** A frame of a program's stream: one byte of kind, four of length (big endian), then the bytes. */
export const FRAME = { stdout: 1, stderr: 2, end: 3 } as const;

/** HTTP trailer of an answer that broke off: a {@link Refusal} as JSON, percent-encoded. */
export const REFUSAL_TRAILER = "x-refusal";
