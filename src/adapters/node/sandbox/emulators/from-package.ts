import { rmSync } from "node:fs";
import { basename } from "node:path";
import { isProblem, ProblemError } from "../../../../core/problem.ts";
import { downloadPackage } from "./apt.ts";
import { debData, debStream } from "./deb.ts";
import { draftFolder } from "./drafts.ts";
import { type KeptEmulator, keptEmulators } from "./kept.ts";
import { stampOf } from "./stamp.ts";
import { keepSound, type Taking, takeFromArchive } from "./take.ts";

type Where = Pick<Taking, "folder" | "machine" | "nowMs">;

/**
 * Keeps the emulators of a `.deb`.
 * @param path  absolute
 * @throws {ProblemError} `emulator-missing` | `layer-invalid` | `layer-unsupported` | `limit-exceeded` | `file-unreadable` | `disk-full`
 */
export async function fromDeb(path: string, where: Where): Promise<readonly KeptEmulator[]> {
  const data = debData(path);
  const origin = `deb ${path} ${stampOf(path)}`;
  const there = keptEmulators(where.folder).filter((one) => one.origin === origin);
  return there.length > 0 ? there : await takeDeb(path, data, { ...where, source: `"${path}"`, origin });
}

async function takeDeb(path: string, data: ReturnType<typeof debData>, taking: Taking): Promise<readonly KeptEmulator[]> {
  const complaints: string[] = [];
  const taken = await takeFromArchive(debStream(path, data), taking.folder, (name, why) => complaints.push(`"${name}" ${why}`));
  return keepSound(taken, taking, complaints);
}

/**
 * The packages that hold static emulators: up to Debian 12 and Ubuntu 24.04 the first; later that one is empty and the second is static.
 * Source: changelog of Debian's qemu, packages.debian.org and packages.ubuntu.com, read 2026-11-22.
 */
const PACKAGES = ["qemu-user-static", "qemu-user"];
const ORIGIN = "debian";

/**
 * Keeps the emulators of the distribution's package, fetched once.
 * @throws as `fromDeb` and `downloadPackage`
 */
export async function fromDistribution(
  where: Where,
  env: Readonly<Record<string, string | undefined>>,
  note: (message: string) => void,
  signal?: AbortSignal,
): Promise<readonly KeptEmulator[]> {
  const there = keptEmulators(where.folder).filter(({ origin }) => origin === ORIGIN);
  if (there.length > 0) return there;
  let last: unknown;
  for (const name of PACKAGES) {
    const folder = draftFolder(where.folder);
    try {
      note(`fetching the package ${name} for its emulators; nothing is installed`);
      const path = await downloadPackage(name, folder, env, signal);
      const [, version = ""] = /_([^_]+)_[^_]+\.deb$/.exec(basename(path)) ?? [];
      return await takeDeb(path, debData(path), { ...where, source: `the package ${name} ${decodeURIComponent(version)}`, origin: ORIGIN });
    } catch (error) {
      // The name may stand for an empty package by now.
      if (!isProblem(error, "emulator-missing")) throw error;
      last ??= error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw last ?? new ProblemError("emulator-missing", { message: "no package holds emulators" });
}
