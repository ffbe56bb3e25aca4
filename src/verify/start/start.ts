import type { TreeNode } from "../../image/tree.ts";
import type { Binary } from "../binary/binary.ts";
import type { ImageLayer } from "../subject.ts";

/** A program that runs when a container of an image starts, as far as that can be told without running anything. */
export interface Start {
  readonly role: StartRole;
  /** What it is started with, its own name first. */
  readonly words: readonly string[];
  /** Its name as it is asked for: `app`, `./app`, `/bin/sh`. */
  readonly asked: string;
  /** The program that starts it; undefined for the first one. */
  readonly by: Start | undefined;
  /** How it was found, one sentence a step: `ENTRYPOINT names "app"`, `PATH leads to /usr/local/bin/app`, `a symbolic link to /opt/app/bin/app`. */
  readonly steps: readonly string[];
  /** Absolute, where it lies in the end, no symbolic link in it; undefined where nothing is found. */
  readonly path: string | undefined;
  readonly node: TreeNode<ImageLayer> | undefined;
  readonly what: Started;
  /** The file that it is told to run, where it is an interpreter: `java -jar /app.jar`. */
  readonly file: StartFile | undefined;
  /** Of {@link what}, and that it is started at all; false where a shell, a variable or a volume may have it otherwise. */
  readonly certain: boolean;
}

/** `interpreter`: of a script's `#!` line. `wrapped`: what a shell's line, `env`, `tini` and their kin run. `argument`: CMD as it is handed to an entrypoint's script, which mostly runs it. */
export type StartRole = "entrypoint" | "command" | "argument" | "interpreter" | "wrapped" | "healthcheck";

/** A file of source or byte code that an interpreter is told to run. */
export interface StartFile {
  readonly asked: string;
  /** Absolute, before any symbolic link. */
  readonly path: string;
  readonly exists: boolean;
  /** Of {@link exists}: it is asked for by an absolute path, and no volume lies there. */
  readonly certain: boolean;
}

export type Started =
  | { readonly kind: "binary"; readonly binary: Binary }
  /** `line` is what stands behind `#!`, a carriage return at its end included. */
  | { readonly kind: "script"; readonly line: string }
  /** A file that is neither. */
  | { readonly kind: "data" }
  /** `searched`: the folders of PATH; undefined where a path was asked for. */
  | { readonly kind: "missing"; readonly searched: readonly string[] | undefined }
  | { readonly kind: "folder" }
  /** A file that nobody may execute. */
  | { readonly kind: "not-executable" }
  /** One that others may execute, or that lies in a folder that others may enter. */
  | { readonly kind: "not-permitted"; readonly user: string; readonly why: string }
  /** It cannot be told: the reason, a sentence. */
  | { readonly kind: "unknown"; readonly why: string };
