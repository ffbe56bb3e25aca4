import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pack } from "tar-stream";
import { DECLARED_TIME, type File, type Files } from "./case.ts";
import { bzip2, gzip, xz, zstd } from "./compress.ts";

type FileObject = Exclude<File, string>;
const asObject = (file: File): FileObject => (typeof file === "string" ? { content: file } : file);

/** Writes the declared tree below `folder`, which it makes; times are set last, folders after what is in them. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const made = new Map<string, number>();
  for (const [path, declared] of Object.entries(files)) {
    const file = asObject(declared);
    const at = join(folder, path);
    for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) if (!made.has(parent)) made.set(parent, DECLARED_TIME);
    mkdirSync(file.folder ? at : dirname(at), { recursive: true });
    if (file.link !== undefined) symlinkSync(file.link, at);
    else if (file.hardLink !== undefined) linkSync(join(folder, file.hardLink), at);
    else if (!file.folder) writeFileSync(at, await contentOf(file));
    if (file.link === undefined && file.hardLink === undefined) chmodSync(at, file.mode ?? (file.folder ? 0o755 : 0o644));
    if (file.hardLink === undefined) made.set(path, file.mtime ?? timeOf(path, file));
  }
  for (const path of [...made.keys()].sort().reverse()) lutimesSync(join(folder, path), made.get(path)!, made.get(path)!);
  lutimesSync(folder, DECLARED_TIME, DECLARED_TIME);
}

/**
 * A time that is another one for other content. BuildKit takes a file for unchanged since an earlier build when name, size, mode and time are the same,
 * and one case would get another's content (seen on 2026-11-22).
 */
function timeOf(path: string, file: FileObject): number {
  if (file.folder || file.link !== undefined || file.hardLink !== undefined) return DECLARED_TIME;
  return (
    1_000_000_000 +
    (createHash("sha256")
      .update(JSON.stringify([path, file]))
      .digest()
      .readUInt32BE(0) %
      100_000_000)
  );
}

/** The bytes a declared file holds. */
export async function contentOf(declared: File): Promise<Buffer> {
  const file = asObject(declared);
  if (file.archive !== undefined) return compressed(await archiveOf(file.archive), file.compress);
  const plain = file.base64 === undefined ? Buffer.from(file.content ?? "") : Buffer.from(file.base64, "base64");
  return compressed(plain, file.compress);
}

function compressed(bytes: Buffer, how: FileObject["compress"]): Buffer {
  if (how === undefined) return bytes;
  return { gzip, xz, zstd, bzip2 }[how](bytes);
}

async function archiveOf(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [path, declared] of Object.entries(files)) {
    const file = asObject(declared);
    const common = {
      mtime: new Date((file.mtime ?? DECLARED_TIME) * 1000),
      uid: file.owner?.[0] ?? 0,
      gid: file.owner?.[1] ?? 0,
      ...(file.xattrs === undefined ? {} : { pax: Object.fromEntries(Object.entries(file.xattrs).map(([key, value]) => [`SCHILY.xattr.${key}`, value])) }),
    };
    if (file.folder) archive.entry({ ...common, name: `${path}/`, type: "directory", mode: file.mode ?? 0o755 });
    else if (file.link !== undefined) archive.entry({ ...common, name: path, type: "symlink", linkname: file.link, mode: 0o777 });
    else if (file.hardLink !== undefined) archive.entry({ ...common, name: path, type: "link", linkname: file.hardLink, mode: file.mode ?? 0o644 });
    else if (file.device !== undefined) {
      const [kind, devmajor, devminor] = file.device;
      archive.entry({
        ...common,
        name: path,
        mode: file.mode ?? 0o644,
        type: kind === "fifo" ? kind : `${kind === "char" ? "character" : "block"}-device`,
        devmajor,
        devminor,
      });
    } else archive.entry({ ...common, name: path, mode: file.mode ?? 0o644 }, await contentOf(file));
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A bare git repository of one commit holding `files`, with a tag `v1`; its commit is the same every time. */
export async function writeRepository(bare: string, files: Files): Promise<void> {
  const work = `${bare}.work`;
  await writeFiles(work, files);
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: work,
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "a",
        GIT_AUTHOR_EMAIL: "a@example.invalid",
        GIT_COMMITTER_NAME: "a",
        GIT_COMMITTER_EMAIL: "a@example.invalid",
        GIT_AUTHOR_DATE: `${DECLARED_TIME} +0000`,
        GIT_COMMITTER_DATE: `${DECLARED_TIME} +0000`,
      },
      stdio: "pipe",
    });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "one");
  git("tag", "v1");
  git("clone", "-q", "--bare", work, bare);
}
