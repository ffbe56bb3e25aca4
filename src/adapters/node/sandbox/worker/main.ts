import { readSync, rmSync } from "node:fs";
import { type Registration, registerEmulators } from "../binfmt.ts";
import { closeOnExecute } from "../cell/rights.ts";
import { keepCellReady } from "../cell/start-cell.ts";
import type { WardenOptions, WardenReady } from "../protocol.ts";
import { areaCaches } from "./caches.ts";
import { adoptStrays } from "./chroot-cell.ts";
import { copySnapshot } from "./copy-snapshot.ts";
import { areaLayers } from "./layers.ts";
import { setLimits } from "./limits.ts";
import { overlaySnapshot } from "./overlay-snapshot.ts";
import { overlayWorks } from "./overlay-works.ts";
import { wardenPrograms } from "./programs.ts";
import { removeTrees } from "./remove-tree.ts";
import { wardenServer } from "./server.ts";

// The warden: see protocol.ts. Its working directory is the area; stdin is open for as long as it is wanted.

// The builder shows the last line.
process.once("uncaughtException", (error: NodeJS.ErrnoException) => {
  tell(error.code === "MODULE_NOT_FOUND" ? { ...error, message: "the package koffi is not installed" } : error);
  process.exit(1);
});

const { owner, cells, ids, emulators, leftovers } = JSON.parse(firstLine()) as WardenOptions;
process.umask(0o022);
// Whoever started the builder may have left something open; Node closes it only up to the first gap.
closeOnExecute();
if (cells === "namespaces") setLimits();
else adoptStrays();
const { registered, refused } = register();
const overlay = cells === "namespaces" && overlayWorks(owner);
let tries = 0;
const layers = areaLayers(owner, ids);
const programs = wardenPrograms(owner, overlay ? overlaySnapshot(layers, ids) : copySnapshot(cells, ids), layers);
const server = wardenServer({ layers, programs, caches: areaCaches(owner), tryFolder: () => `work/${owner}.try${tries++}` });
const socket = `run/${owner}.sock`;

server.listen(socket, () => {
  process.stdout.write(`${JSON.stringify({ overlay, registered, ...(refused === undefined ? {} : { refused }) } satisfies WardenReady)}\n`);
  // Somebody else's, and nothing that we need.
  removeTrees(...leftovers).catch(tell);
  if (cells === "namespaces") keepCellReady();
});

// The end of stdin is its end: what a terminal sends to all must not keep it from ending its programs first.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

process.stdin
  .on("data", () => {})
  .on("end", () => {
    programs
      .discardAll()
      .catch(tell)
      .finally(() => {
        rmSync(socket, { force: true });
        process.exit(0);
      });
  });

function tell({ message }: Error): void {
  process.stderr.write(`${message}\n`);
}

function register(): Registration {
  if (Object.keys(emulators).length === 0) return { registered: [] };
  if (cells === "chroot") return { registered: [], refused: "a container without namespaces has no binfmt_misc of its own" };
  return registerEmulators(emulators, "binfmt");
}

function firstLine(): string {
  const byte = Buffer.alloc(4096);
  let text = "";
  while (!text.includes("\n")) {
    const read = readSync(0, byte);
    if (read === 0) throw new Error("no options were given");
    text += byte.toString("utf8", 0, read);
  }
  return text;
}
