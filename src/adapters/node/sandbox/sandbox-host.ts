import type { Platform } from "../../../core/platform.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { Sandbox, SandboxAbility, SandboxHost } from "../../../engine/sandbox.ts";
import { emulatorsOf, sandboxAbility, type TriedWorld } from "./ability.ts";
import type { Emulator } from "./emulators/emulator.ts";
import { placeEmulators } from "./emulators/place.ts";
import { tryWorlds, type WorldTrial } from "./enter/try-worlds.ts";
import { sandboxClient } from "./sandbox-client.ts";
import type { Warden } from "./warden.ts";
import { triedText, WORLDS, waysOut } from "./world-words.ts";

export interface SandboxHostOptions {
  /** The store's folder for the sandbox, `STORE/sandbox`; made when it is not there. */
  readonly folder: string;
  /** This machine's platform. */
  readonly machine: Platform;
  /** Emulators that may be used, at most one an architecture: those of `findEmulators`. Asked once, when first needed. */
  readonly emulators?: () => Promise<readonly Emulator[]>;
}

/** A warden that runs, with these emulators registered or refused. */
interface Entered {
  readonly warden: Warden;
  /** What was tried before it, and it. */
  readonly trials: readonly WorldTrial[];
  readonly emulators: readonly Emulator[];
}

/** This machine's side of RUN. Nothing is started before `ability` or `open` is called. */
export function sandboxHost({ folder, machine, emulators = async () => [] }: SandboxHostOptions): SandboxHost {
  let emulatorsFound: Promise<readonly Emulator[]> | undefined;
  const found = (): Promise<readonly Emulator[]> => (emulatorsFound ??= emulators());
  let told: SandboxAbility | undefined;
  let opened: Promise<Sandbox> | undefined;
  // What was entered to try things in serves to build in, too.
  let tried: Entered[] = [];

  const enter = async (wanted: readonly Emulator[]): Promise<Entered> => {
    const { trials, warden } = await tryWorlds({ folder, emulators: (area) => placeEmulators(area, wanted) });
    if (warden !== undefined) return { warden, trials, emulators: wanted };
    throw new ProblemError("sandbox-unavailable", {
      message: `RUN steps have to be set apart from this machine, and it has no way to do that: ${triedText(trials)}`,
      hint: waysOut(process.getuid?.() === 0).join("\n"),
      facts: { tried: trials.map(({ world }) => world).join(",") },
    });
  };
  const forTrial = async (wanted: readonly Emulator[]): Promise<TriedWorld> => {
    const entered = await enter(wanted);
    tried.push(entered);
    const { warden, trials } = entered;
    const { world, overlay, registrationError, tryProgram } = warden;
    const { why, notes } = WORLDS[world];
    const better = trials.filter(({ entered }) => !entered);
    return {
      world,
      why: better.length === 0 ? why : `${why}; ${triedText(better)}`,
      notes,
      snapshots: overlay ? "overlay" : "copy",
      ...(registrationError === undefined ? {} : { refused: registrationError }),
      tryProgram: (_, program) => tryProgram(program),
      // `open` may take it.
      close: async () => {},
    };
  };
  const wanted = async (): Promise<readonly Emulator[]> => (told === undefined ? [] : emulatorsOf(told, await found()));
  const isFor = (emulators: readonly Emulator[]): ((entered: Entered) => boolean) => {
    const names = namesOf(emulators);
    return (entered) => entered.warden.registrationError === undefined && namesOf(entered.emulators) === names;
  };
  /** Ends what was tried, but for one that `open` takes. */
  const endTried = async (keep?: Entered): Promise<void> => {
    const over = tried.filter((entered) => entered !== keep);
    tried = keep === undefined ? [] : [keep];
    await Promise.all(over.map(({ warden }) => warden.close()));
  };
  const open = async (): Promise<Sandbox> => {
    const emulators = await wanted();
    const ready = tried.find(isFor(emulators));
    const { warden } = ready ?? (await enter(emulators));
    tried = tried.filter((entered) => entered !== ready);
    return sandboxClient(warden, (platform) => isEmulated(told, platform));
  };

  return {
    async ability(platforms, consult) {
      const ports = { folder, emulators: await found(), enter: forTrial, machine: machine.architecture };
      try {
        told = await sandboxAbility(platforms, ports, consult);
        await endTried(tried.find(isFor(await wanted())));
        return told;
      } catch (error) {
        await endTried();
        throw error;
      }
    },
    open: () => (opened ??= open()),
    async close() {
      const sandbox = await opened?.catch(() => undefined);
      await Promise.all([sandbox?.close(), endTried()]);
    },
  };
}

function isEmulated(told: SandboxAbility | undefined, { os, architecture }: Platform): boolean {
  return told?.platforms.some(({ platform, how }) => platform.os === os && platform.architecture === architecture && how === "emulated") ?? false;
}

const namesOf = (emulators: readonly Emulator[]): string =>
  emulators
    .map(({ architecture, path, stamp }) => JSON.stringify([architecture, path, stamp]))
    .sort()
    .join();
