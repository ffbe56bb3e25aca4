import type { Digest } from "../core/digest.ts";
import type { Platform } from "../core/platform.ts";
import type { ByteStream } from "../image/blob-store.ts";

/**
 * Where programs of a build run: apart from the machine, upon the files of a stage. Layers are named by the digest of their uncompressed archive (`diff_id`);
 * each is unpacked once, into a folder of its own, and kept for later builds. Declared here (the engine needs it), implemented by an adapter.
 */
export interface Sandbox {
  /** What it costs to be set apart as this machine allows, for people: one sentence each, none where nothing is lost. */
  readonly notes: readonly string[];
  /** Which of these layers are unpacked. They stay for as long as the sandbox is open. */
  unpacked(layers: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  /**
   * Unpacks a layer; asked twice for the same one, also by another process, it is done once. Nothing is left of it when it fails.
   * @param archive  uncompressed tar; not iterated when the layer is there by now
   * @throws {ProblemError} `diff-id-mismatch` (the bytes are not those that `layer` names) | `layer-invalid` | `limit-exceeded` | `disk-full` | what `archive` throws
   */
  unpack(layer: Digest, archive: ByteStream, signal: AbortSignal): Promise<void>;
  /**
   * Runs a program to its end. Everything that it started has ended when the promise settles, whatever happens.
   * @throws {ProblemError} `run-failed` for what kept it from being started (no such program, no such user, `exec format error`) | `sandbox-unavailable` |
   *   `emulator-missing` | `disk-full` | `interrupted`. A program that ran and failed is no error: see {@link SandboxEnd}.
   */
  run(program: SandboxProgram, signal: AbortSignal): Promise<SandboxEnd>;
  /** Empties the cache of an id, but for folders that some program is using now. */
  emptyCache(id: string): Promise<void>;
  close(): Promise<void>;
}

/** What to run and in which surroundings. */
export interface SandboxProgram {
  /** The files it sees, lowest first; all of them unpacked. What it writes is kept apart. */
  readonly layers: readonly Digest[];
  /** Platform of its programs. */
  readonly platform: Platform;
  /** Program and arguments, never empty. The program is looked for in PATH of `environment`. */
  readonly arguments: readonly string[];
  /** `NAME=value`; the last of a name counts. PATH and HOME are added where they are absent, as runc does. */
  readonly environment: readonly string[];
  /** Absolute; made where it is missing. */
  readonly workdir: string;
  /** As USER says (`name`, `uid`, `name:group`, `uid:gid`), looked up in passwd and group of the files; empty: root. */
  readonly user: string;
  /** In the order of the Dockerfile: a later one may lie in an earlier one. */
  readonly mounts: readonly SandboxMount[];
  /** `host`: the machine's network. `none`: loopback alone. */
  readonly network: "host" | "none";
  /** --add-host: more lines of /etc/hosts. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Bytes of /dev/shm; absent: 64 MiB, as Docker has it. */
  readonly shmBytes?: number;
  /** --ulimit; numbers as `setrlimit` takes them, -1 for none. */
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  /** Gets what the program prints, as it comes; must neither throw nor wait. Bytes are the receiver's to keep. */
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** Something mounted while a program runs; of nothing but a cache anything stays. `target` is absolute, in the program's files. */
export type SandboxMount =
  /** Files of layers (unpacked), at `path` inside them (no leading slash, no symlink in it; `""` is all). What is written, where it is `writable`, is forgotten. */
  | { readonly kind: "files"; readonly target: string; readonly layers: readonly Digest[]; readonly path: string; readonly writable: boolean }
  /** A folder that stays between builds, by `id`. */
  | {
      readonly kind: "cache";
      readonly target: string;
      readonly id: string;
      /** `locked`: one program after another, also over processes. `private`: a folder that nobody else has now. */
      readonly sharing: "shared" | "private" | "locked";
      /** What is in it when it is new; absent: nothing. */
      readonly seed?: { readonly layers: readonly Digest[]; readonly path: string };
      /** Of the folder when it is new and has no seed; with one they are the seed's. */
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly readonly: boolean;
    }
  | { readonly kind: "tmpfs"; readonly target: string; readonly bytes?: number; readonly readonly?: boolean }
  /** A file that exists only while the program runs, never on a disk: a secret, or the script of a here-document. Read-only. */
  | { readonly kind: "file"; readonly target: string; readonly content: Uint8Array; readonly mode: number; readonly uid: number; readonly gid: number }
  /** A socket that is connected to the machine's socket at `socket` (an SSH agent); only listing keys and signing gets through. */
  | { readonly kind: "ssh-agent"; readonly target: string; readonly socket: string; readonly mode: number; readonly uid: number; readonly gid: number };

/** A program that has ended. One of `keepAs` and `discard` has to be called, once. */
export interface SandboxEnd {
  /** Exit status; 128 + signal where a signal ended it, as a shell has it. */
  readonly exitCode: number;
  /** `SIGKILL` and the like; absent when it exited by itself. */
  readonly signal?: string;
  /** Words for what is known of a death by signal: the emulator crashed, memory ran out; absent: nothing. */
  readonly why?: string;
  /**
   * What it changed, as the uncompressed tar of a layer: entries sorted by path, parents first, whiteouts for what is gone, nothing for what is as it was.
   * Mounts and the folders made for them are no part of it. Iterate at most once.
   * @throws {ProblemError} `disk-full` | `sandbox-unavailable`
   */
  changes(epoch: number | undefined): ByteStream;
  /** What was changed becomes the unpacked layer of this digest, so that a program upon it finds it there. After {@link changes}. */
  keepAs(layer: Digest): Promise<void>;
  /** Forgets what was changed. */
  discard(): Promise<void>;
}

/** Whether and how this machine can run a platform's programs. */
export interface PlatformAbility {
  readonly platform: Platform;
  /** `native`: the processor does it. `emulated`: by QEMU. */
  readonly how: "native" | "emulated" | "impossible";
  /** Whose registration finds the emulator: ours, in the sandbox's own namespace, or the machine's. Set with `emulated`. */
  readonly registration?: "own" | "host";
  /** The emulator's path, where it is known. */
  readonly emulator?: string;
  /** One sentence: how that was found out, or why it is impossible. */
  readonly why: string;
}

/** How programs can be set apart here. */
export type SandboxWorld =
  /** Root, with a range of ids that are nobody's on the machine. */
  | "root"
  /** An ordinary user with subordinate ids. */
  | "subordinate-ids"
  /** An ordinary user without: every file is the user's own. */
  | "single-id"
  /** Root in a container that may not make namespaces: chroot alone. */
  | "chroot"
  /** Nothing works. */
  | "none";

/** What this machine can do, found by trying. */
export interface SandboxAbility {
  readonly world: SandboxWorld;
  /** One sentence: what the world means. For `none`: what was tried and what it said. */
  readonly why: string;
  /** For `single-id` and `chroot`: what it costs. For `none`: the ways out, one an element. */
  readonly notes: readonly string[];
  /** How files of a stage are put together. */
  readonly snapshots: "overlay" | "copy";
  readonly platforms: readonly PlatformAbility[];
}

/** The machine's side of RUN: told before anything is built what can run, and opened only when something has to. */
export interface SandboxHost {
  /**
   * What can be done for these platforms. Tried once after each start of the machine and remembered.
   * @param consult  false: asks nobody and remembers nothing, but tries
   */
  ability(platforms: readonly Platform[], consult?: boolean): Promise<SandboxAbility>;
  /** The sandbox, opened when first asked for. @throws {ProblemError} `sandbox-unavailable` */
  open(): Promise<Sandbox>;
  /** Ends it and everything in it, when it was opened. */
  close(): Promise<void>;
}
