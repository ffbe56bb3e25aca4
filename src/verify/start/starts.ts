import { remembered } from "../../core/remembered.ts";
import { DEFAULT_PATH } from "../../facts/wrappers.ts";
import type { RunConfig } from "../../image/config.ts";
import { architecturesOf } from "../binary/fit.ts";
import type { PlatformImage } from "../subject.ts";
import { commandOf } from "./command.ts";
import { isRunnable, lookUpProgram, type World } from "./lookup.ts";
import type { Start } from "./start.ts";
import { StartWalk } from "./start-walk.ts";
import { isKnownUser, userOf } from "./user.ts";
import { windowsStarts } from "./windows-starts.ts";

/** Folders of PATH; where there are more, it is not followed. */
const PATH_LIMIT = 1000;
/** Characters of a command that are shown. */
const SHOWN_COMMAND = 80;
const SHELL = ["/bin/sh", "-c"];

/**
 * What runs when a container of the image starts, in the order in which one starts the other; its health check last. Empty where the config names nothing or the
 * file system is not known. Remembered for each image.
 */
export const startsOf: (image: PlatformImage) => readonly Start[] = remembered((image) => {
  const config = image.config.value?.config ?? {};
  if (image.files === undefined) return [];
  if (image.platform.os === "windows") return windowsStarts(image.files, config);
  // Of other systems' ways, and of WebAssembly's runtimes, nothing is known here.
  if (image.platform.os !== "linux" && image.platform.os !== "freebsd") return [];
  const world = worldOf(image, config);
  if (world === undefined) return [];
  const walk = new StartWalk(imageVariables(config));
  const { entrypoint, command } = commandOf(config);
  const words = [...entrypoint, ...command];
  const role = entrypoint.length > 0 ? "entrypoint" : "command";
  if (words.length > 0) walk.run({ role, words, by: undefined, world, certain: true, naming: role === "entrypoint" ? "ENTRYPOINT" : "CMD" });
  addArgument(walk, entrypoint, command, world);
  const check = healthcheckOf(config);
  if (check !== undefined) walk.run({ role: "healthcheck", words: check, by: undefined, world, certain: true, naming: "HEALTHCHECK" });
  return walk.starts;
});

/** What is really executed first, in one line: `/bin/sh -c app: /usr/bin/dash (ELF amd64), /usr/bin/app (ELF amd64)`; undefined where the config names nothing. */
export function startLine(image: PlatformImage): string | undefined {
  const { entrypoint, command } = commandOf(image.config.value?.config ?? {});
  const asked = [...entrypoint, ...command].join(" ");
  if (asked === "") return undefined;
  // A program that is many, such as busybox, is told once.
  const told = startsOf(image).flatMap(({ role, path, what }) => {
    if (role === "healthcheck" || path === undefined) return [];
    return [
      what.kind === "binary"
        ? `${path} (${what.binary.format === "macho" ? "Mach-O" : what.binary.format.toUpperCase()} ${architecturesOf(what.binary).join("+") || "of no known machine"})`
        : path,
    ];
  });
  const found = [...new Set(told)];
  const shown = asked.length > SHOWN_COMMAND ? `${asked.slice(0, SHOWN_COMMAND)}…` : asked;
  // A command that is a path and nothing else is not told twice.
  if (found[0]?.startsWith(`${asked} (`) === true || found[0] === asked) return found.join(", ");
  return found.length === 0 ? shown : `${shown}: ${found.join(", ")}`;
}

function worldOf(image: PlatformImage, config: RunConfig): World | undefined {
  if (image.files === undefined) return undefined;
  const env = imageVariables(config);
  const folder = config.WorkingDir ?? "";
  const user = userOf(image);
  const path = (env.get("PATH") ?? DEFAULT_PATH).split(":");
  return {
    tree: image.files,
    folder: folder.startsWith("/") ? trimmed(folder) : trimmed(`/${folder}`),
    path: path.length > PATH_LIMIT ? undefined : path,
    user: isKnownUser(user) ? user : undefined,
    volumes: Object.keys(config.Volumes ?? {}).map((path) => (path.startsWith("/") ? trimmed(path) : trimmed(`/${path}`))),
  };
}

/** Without slashes at its end, but for the root's own. */
function trimmed(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** Names that stand several times have the last value, as runtimes leave them. */
const imageVariables = ({ Env = [] }: RunConfig): ReadonlyMap<string, string> =>
  new Map(Env.filter((line) => line.includes("=")).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

/** A script that is an entrypoint mostly ends in `exec "$@"`: what CMD then names is looked up, and not missed when it is nothing. */
function addArgument(walk: StartWalk, entrypoint: readonly string[], command: readonly string[], world: World): void {
  const [name] = command;
  const script = walk.starts.findLast(({ what }) => what.kind === "script");
  if (entrypoint.length === 0 || name === undefined || script === undefined || !isRunnable(lookUpProgram(world, name).what)) return;
  walk.run({ role: "argument", words: command, by: script, world, certain: false, naming: `${script.path ?? script.asked} is given CMD, which` });
}

function healthcheckOf({ Healthcheck, Shell }: RunConfig): readonly string[] | undefined {
  const [kind, ...words] = Healthcheck?.Test ?? [];
  if (words.length === 0) return undefined;
  if (kind === "CMD") return words;
  return kind === "CMD-SHELL" ? [...(Shell === undefined || Shell.length === 0 ? SHELL : Shell), ...words] : undefined;
}
