import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { byCodeUnit } from "../../../core/order.ts";
import { formatPlatform, type Platform } from "../../../core/platform.ts";
import type { SandboxAbility } from "../../../engine/sandbox.ts";
import { HOST_BINFMT } from "./binfmt-host.ts";
import type { Emulator } from "./emulators/emulator.ts";

/** What was found by trying, kept for later builds. */
export interface AbilityMemory {
  /** What was found for just these platforms, when it still holds. */
  recall(platforms: readonly Platform[]): SandboxAbility | undefined;
  /** Keeps it, where everything is possible. A file that cannot be written is no failure. */
  keep(ability: SandboxAbility): void;
}

/** Another version forgets what this one found. */
const VERSION = 1;
/** Sets of platforms that are remembered; a repository has one or two. */
const MOST_SETS = 16;

interface Remembered {
  /** What all of it depends on. */
  readonly circumstances: string;
  readonly found: readonly { readonly platforms: string; readonly ability: SandboxAbility }[];
}

/** Reads one file, and writes it. */
export function abilityMemory(folder: string, emulators: readonly Emulator[]): AbilityMemory {
  const path = join(folder, "ability.json");
  const circumstances = circumstancesOf(emulators);
  const read = (): Remembered["found"] => {
    try {
      const remembered = JSON.parse(readFileSync(path, "utf8")) as Remembered;
      return remembered.circumstances === circumstances && Array.isArray(remembered.found) ? remembered.found : [];
    } catch {
      return [];
    }
  };
  return {
    recall(platforms) {
      const ability = read().find((one) => one.platforms === setOf(platforms))?.ability;
      if (ability === undefined) return undefined;
      const order = platforms.map(formatPlatform);
      const rank = (platform: Platform): number => order.indexOf(formatPlatform(platform));
      return { ...ability, platforms: [...ability.platforms].sort((a, b) => rank(a.platform) - rank(b.platform)) };
    },
    keep(ability) {
      if (ability.world === "none" || ability.platforms.some(({ how }) => how === "impossible")) return;
      const platforms = setOf(ability.platforms.map(({ platform }) => platform));
      const found = [{ platforms, ability }, ...read().filter((one) => one.platforms !== platforms)].slice(0, MOST_SETS);
      const draft = `${path}.${randomBytes(6).toString("hex")}`;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(draft, JSON.stringify({ circumstances, found } satisfies Remembered), { flag: "wx", mode: 0o600 });
        renameSync(draft, path);
      } catch {
        rmSync(draft, { force: true });
      }
    },
  };
}

const setOf = (platforms: readonly Platform[]): string => [...new Set(platforms.map(formatPlatform))].sort(byCodeUnit).join(",");

/** The run of the kernel, the user, the Node, the machine's registrations and the emulators. */
function circumstancesOf(emulators: readonly Emulator[]): string {
  const stamps = emulators.map(({ architecture, path, stamp }) => [architecture, path, stamp]).sort(([a = ""], [b = ""]) => byCodeUnit(a, b));
  return JSON.stringify([VERSION, bootId(), process.getuid?.(), process.getgid?.(), process.arch, process.version, namesIn(HOST_BINFMT), stamps]);
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Nobody knows whether it is the same run: a number that does not come again.
    return randomBytes(8).toString("hex");
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort(byCodeUnit);
  } catch {
    return [];
  }
}
