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
      /** Owner; only meant inside archives. */
      readonly owner?: readonly [uid: number, gid: number];
      /** Seconds since 1970. Absent: out of 2001 to 2004, by what the file holds; folders and links {@link DECLARED_TIME}. */
      readonly mtime?: number;
    };

export type Files = Readonly<Record<string, File>>;

/** The time of folders, links and whatever is served, unless they say otherwise: 2005-03-18. */
export const DECLARED_TIME = 1_111_111_111;

/**
 * One Dockerfile without RUN, and what it is built with. In `dockerfile`, `args` and `contexts`, `{busybox}` `{debian}` `{rich}` stand for base images on the
 * local registry, `{http}` and `{git}` for the servers that hand out {@link SERVED}.
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
