import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { peerEnvironment } from "../test/compare/places.ts";
import { forgetPeak, highWaterMiB } from "./measure.ts";

const SIZE = 500_000_000;
const PIECE = 10_000_000;

export interface BlobTimes {
  readonly registry: string;
  readonly put: readonly number[];
  readonly get: readonly number[];
  readonly peakMiB: number;
}

interface Target {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
}

/** PUT and GET of a new blob of 500 MB by curl, in turns; the very same client for each registry. */
export async function timeBlobs(targets: readonly Target[], file: string, runs: number): Promise<readonly BlobTimes[]> {
  writeRandom(file);
  const times = targets.map((target) => ({ registry: target.name, put: [] as number[], get: [] as number[], peakMiB: 0 }));
  for (const target of targets) forgetPeak(target.pid);
  for (let round = 0; round < runs; round++) {
    for (const [position, target] of targets.entries()) {
      const digest = await changed(file);
      const base = `http://${target.address}/v2/bench/blob-${process.pid}/blobs`;
      const session = /^location: (\S+)/im.exec(curl(["-D", "-", "-X", "POST", "-H", "content-length: 0", `${base}/uploads/`]))?.[1];
      if (session === undefined) throw new Error(`${target.name} opened no upload`);
      const upload = new URL(session, `http://${target.address}`);
      upload.searchParams.set("digest", digest);
      times[position]!.put.push(timed(["-T", file, "-H", "content-type: application/octet-stream", upload.href]));
      times[position]!.get.push(timed([`${base}/${digest}`]));
    }
    console.error(
      `blob, round ${round + 1} of ${runs}: ${times.map((each) => `${each.registry} put ${each.put[round]!.toFixed(2)} get ${each.get[round]!.toFixed(2)}`).join(", ")}`,
    );
  }
  return times.map((each, position) => ({ ...each, peakMiB: highWaterMiB(targets[position]!.pid) }));
}

const curl = (args: readonly string[]): string => execFileSync("curl", ["-fsS", ...args], { env: peerEnvironment(), encoding: "utf8" });
const timed = (args: readonly string[]): number => Number(curl(["-o", "/dev/null", "-w", "%{time_total}", ...args]));

function writeRandom(file: string): void {
  const at = openSync(file, "w");
  for (let written = 0; written < SIZE; written += PIECE) writeSync(at, randomBytes(PIECE));
  closeSync(at);
}

/** Makes the file another one by its first bytes, and gives its digest. */
async function changed(file: string): Promise<string> {
  const at = openSync(file, "r+");
  writeSync(at, randomBytes(16), 0, 16, 0);
  closeSync(at);
  const hash = createHash("sha256");
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return `sha256:${hash.digest("hex")}`;
}
