/** A file of a build context, as data. A bare string is a regular file's content. */
export type File =
  | string
  | {
      readonly content?: string;
      /** Content in base 64, for bytes that are not text. */
      readonly base64?: string;
      /** A symbolic link's target. */
      readonly link?: string;
      /** Path, within the same tree, of the file that this name is a second name of. */
      readonly hardLink?: string;
      readonly folder?: true;
      /** An archive of these files (entries belong to 0:0 unless they say otherwise). */
      readonly archive?: Files;
      readonly compress?: "gzip" | "xz" | "zstd" | "bzip2";
      readonly mode?: number;
      /** Owner; only meant inside archives, as are the following. */
      readonly owner?: readonly [uid: number, gid: number];
      readonly device?: readonly [kind: "char" | "block" | "fifo", major: number, minor: number];
      /** Extended attributes, values as text. */
      readonly xattrs?: Readonly<Record<string, string>>;
      /** Seconds since 1970. Absent: out of 2001 to 2004, by what the file holds; folders and links {@link DECLARED_TIME}. */
      readonly mtime?: number;
    };

export type Files = Readonly<Record<string, File>>;

/** The time of folders, links and whatever is served, unless they say otherwise: 2005-03-18. */
export const DECLARED_TIME = 1_111_111_111;

/** A later build of a case: what it has otherwise than the one before it. */
export type Step = Partial<Pick<Case, "dockerfile" | "files" | "args" | "secrets" | "target" | "noCacheFilter" | "noCache">>;

/**
 * One Dockerfile, and what it is built with. In `dockerfile`, `args` and `contexts`, `{busybox}` `{debian}` `{rich}` `{run}` `{system}` `{programs}` `{go}` stand
 * for base images on the local registry, `{http}` and `{git}` for the servers that hand out {@link SERVED}, `{npm}` for the folder of the machine's npm, `{unique}` for a word that is another one each time
 * the case is built (and the same in all its steps): for ids of cache mounts, so that no earlier run is remembered.
 */
export interface Case {
  /** Unique; lower-case words, the instruction first. */
  readonly name: string;
  readonly dockerfile: string;
  readonly files?: Files;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Default: linux/amd64 and linux/arm64. Empty: none is named. */
  readonly platforms?: readonly string[];
  /** Named contexts: files of a folder, or an address such as `docker-image://{busybox}`. */
  readonly contexts?: Readonly<Record<string, Files | string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Values of --annotation. */
  readonly annotations?: readonly string[];
  /** Values of --tag. */
  readonly tags?: readonly string[];
  /** Value of --output without where to write; default `type=oci`. */
  readonly output?: string;
  /** Both must refuse to build it. The words are those that BuildKit's message has, for the reader and to see that it fails for the reason meant. */
  readonly fails?: RegExp;
  /** What our own message must have, where more is promised than a refusal. */
  readonly weSay?: RegExp;
  /** Secrets by id: a file's content, or the value of an environment variable. */
  readonly secrets?: Readonly<Record<string, string | { readonly value: string }>>;
  /** Values of --ssh: the id, and a private key. */
  readonly ssh?: Readonly<Record<string, string>>;
  /** Values of --allow, --add-host, --shm-size, --ulimit, --network. */
  readonly allow?: readonly string[];
  readonly addHosts?: readonly string[];
  readonly shmSize?: string;
  readonly ulimits?: readonly string[];
  readonly network?: "default" | "none" | "host";
  /** Values of --no-cache-filter. */
  readonly noCacheFilter?: readonly string[];
  /** Built without looking at caches; default true where there is one build, false where there are several. */
  readonly noCache?: boolean;
  /** Builds after the first one, which use what is cached. The last one's outcome is the case's. */
  readonly later?: readonly Step[];
  /** Paths (whole, or as patterns) that no two builds have the same: left out of the comparison. Why: beside the case. */
  readonly leaveOut?: readonly RegExp[];
  /** Name of the Dockerfile within the context; default `Dockerfile`. */
  readonly file?: string;
  /** File times mean nothing here (why: beside the case). */
  readonly times?: false;
  /** Set for the whole build; then every time is compared, those made during the build too. */
  readonly epoch?: number;
  /** Why the engines we compare with differ from each other here; ours then has to equal one of them. */
  readonly peersDiffer?: string;
  /** Why ours refuses, on purpose, what the others build. */
  readonly weRefuse?: string;
  /** Why ours is other than the others, on purpose. It then must be. */
  readonly weDiffer?: string;
}

/** Files that a local web server hands out during comparisons. */
export const SERVED: Files = {
  "plain.txt": "served over http\n",
  "folder/with space.txt": "space\n",
  "script.sh": { content: "#!/bin/sh\necho hi\n", mode: 0o755 },
  "archive.tar.gz": { archive: { "in/side.txt": { content: "inside\n", mode: 0o640, owner: [12, 34] } }, compress: "gzip" },
  "large.bin": { content: "0123456789abcdef".repeat(20_000) },
};

/** A Dockerfile from its lines. */
export const lines = (...text: string[]): string => `${text.join("\n")}\n`;
