import type { Complaint } from "../core/complaint.ts";
import type { Place, SourceFile } from "../core/span.ts";
import type { YamlNode } from "../yaml/tree.ts";
import type { BakeBody } from "./body.ts";

/** A bake file that was read, whatever its form. It holds what is written: nothing is evaluated before `resolveBake`. */
export interface BakeFile {
  readonly file: SourceFile;
  readonly content: BakeContent;
  /** Of reading it. What is wrong with its values shows when it is resolved. */
  readonly complaints: readonly Complaint[];
}

export type BakeContent = { readonly form: "hcl" | "json"; readonly body: BakeBody } | { readonly form: "compose"; readonly root: YamlNode | undefined };

/** A text as far as the files tell it, with where it is written. */
export interface BakeText {
  /** In order; neighbouring known stretches are one; an empty known text has no part. */
  readonly parts: BakeParts;
  readonly place: Place;
}

export type BakeParts = readonly (string | BakeHole)[];

/** What is not known until the build runs. */
export interface BakeHole {
  /** As it stands: `TAG`, `timestamp()`, or what stood in the variable or override that was given. */
  readonly source: string;
  readonly atoms: readonly string[];
  readonly choices?: readonly string[] | undefined;
}

/** Several texts: the items of a list, in the order in which Buildx uses them. */
export interface BakeTexts {
  readonly items: readonly BakeText[];
  /** True when there may be more (or none of them). */
  readonly open: boolean;
  /** The attribute itself, or the override on the command line; undefined when it is not given. */
  readonly place: Place | undefined;
}

export interface BakeSwitch {
  /** Undefined when it is not known. */
  readonly value: boolean | undefined;
  readonly atoms: readonly string[];
  /** Undefined when it is not given. */
  readonly place: Place | undefined;
}

/** A target as Buildx would build it: files merged, inherited, evaluated, overridden. Paths are as written; Buildx takes contexts relative to where it runs. */
export interface BakeTarget {
  readonly name: string;
  /** The name in the file: of a matrix target, the one it comes from. */
  readonly block: string;
  /** The block's first line up to its brace, or the key, in the last file that has it. */
  readonly place: Place;
  /** Undefined: `.`. */
  readonly context: BakeText | undefined;
  /** Undefined: `Dockerfile`. Relative to the context. */
  readonly dockerfile: BakeText | undefined;
  readonly inline: BakeText | undefined;
  /** The attribute `target`. */
  readonly stage: BakeText | undefined;
  readonly tags: BakeTexts;
  readonly platforms: BakeTexts;
  /** CSV, as on the command line: `type=image,push=true`. */
  readonly outputs: BakeTexts;
  readonly cacheFrom: BakeTexts;
  readonly cacheTo: BakeTexts;
  /** CSV: `type=provenance,mode=max`. */
  readonly attests: BakeTexts;
  /** `KEY=VALUE`. */
  readonly args: BakeTexts;
  /** `NAME=VALUE`. */
  readonly contexts: BakeTexts;
  /** `KEY=VALUE`. */
  readonly labels: BakeTexts;
  readonly annotations: BakeTexts;
  /** CSV: `id=token,env=TOKEN`. */
  readonly secrets: BakeTexts;
  readonly ssh: BakeTexts;
  readonly entitlements: BakeTexts;
  readonly network: BakeText | undefined;
  readonly noCache: BakeSwitch;
  readonly pull: BakeSwitch;
  /** `check`, `outline`, `targets`: nothing is built then. */
  readonly call: BakeText | undefined;
  /** Built only because another target's `contexts` names it: its output is kept in the cache and goes nowhere. */
  readonly linked: boolean;
  /** Where the matrix stands that this target is a row of. */
  readonly matrix: Place | undefined;
}

/** What is asked of bake files. */
export interface BakeRequest {
  /** Targets and groups; none: `default`. */
  readonly targets: readonly string[];
  /** `--set` values: `*.platform=linux/amd64`, `app.args.X=1`, `*.tags+=x`. */
  readonly set: readonly BakeText[];
  /** The environment, where it may hold a bake variable: a text, parts of one, or undefined for what is set to something unknown. */
  readonly variables: ReadonlyMap<string, string | BakeParts | undefined>;
  /** The platform of the machine that runs Buildx, for `BAKE_LOCAL_PLATFORM`; default `linux/amd64`. */
  readonly localPlatform?: string | undefined;
}

export interface BakeResolution {
  /** In the order in which the request and the groups name them, each once. */
  readonly targets: readonly BakeTarget[];
  /** Names that are asked for and that no file has: Buildx fails. */
  readonly missing: readonly string[];
  /** True when more targets may be built than are told, for something unknown decides. */
  readonly open: boolean;
  /** An error here makes Buildx fail before it builds anything. */
  readonly complaints: readonly Complaint[];
}
