/**
 * Measures `verify` of a large image from the embedded registry against `gunzip` of the same layers, and writes bench/verify.md.
 * npm run bench:verify [-- --runs 5 --scale 1 --keep FOLDER --out FILE]
 */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openStore } from "../src/adapters/node/store/store.ts";
import type { Descriptor } from "../src/image/descriptor.ts";
import { CHECKOUT, OURS, peerEnvironment } from "../test/compare/places.ts";
import { startLoggingRegistry } from "./logging-registry.ts";
import { type Measured, measure, median } from "./measure.ts";
import { makeVerifyImage, type VerifyImage } from "./verify-image.ts";

const GOAL_RATIO = 1.2;
const GOAL_MIB = 300;
/** Findings are no failure here. */
const STATUSES = [0, 1];
const COMMAND = process.env.BENCH_VERIFY?.split(" ") ?? [OURS, "verify"];
const REPOSITORY = "bench/verify";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
    out: { type: "string", default: join(CHECKOUT, "bench/verify.md") },
  },
});

interface Round {
  readonly first: Measured;
  readonly second: Measured;
  readonly gunzip: Measured;
  /** Downloads of layers by the first and the second verify. */
  readonly downloads: readonly [number, number];
}

const folder = mkdtempSync(join(tmpdir(), "multihull-bench-verify-"));
try {
  const made = await openStore(join(folder, "made"));
  const image = await makeVerifyImage(made.blobs, Number(values.scale));
  const registry = await startLoggingRegistry(join(folder, "registry"));
  try {
    const reference = `${registry.address}/${REPOSITORY}:1`;
    await push(image, (layer) => made.blobs.pathOf(layer.digest), `http://${registry.address}/v2/${REPOSITORY}`);
    const files = image.layers.map(({ digest }) => made.blobs.pathOf(digest));
    const rounds: Round[] = [];
    for (let i = 0; i < Number(values.runs); i++) {
      const store = join(folder, "store");
      rmSync(store, { recursive: true, force: true });
      const verify = async (): Promise<[Measured, number]> => {
        registry.forget();
        const measured = await measure(process.execPath, [...COMMAND, reference, "--json", "--store", store], peerEnvironment(), true, STATUSES);
        return [measured, downloads(registry.log(), image)];
      };
      const gunzip = await measure("sh", ["-c", 'for file; do gunzip -c <"$file" >/dev/null; done', "sh", ...files], peerEnvironment());
      const [first, downloadsFirst] = await verify();
      const [second, downloadsSecond] = await verify();
      rounds.push({ first, second, gunzip, downloads: [downloadsFirst, downloadsSecond] });
      console.error(
        `round ${i + 1}: gunzip ${gunzip.seconds.toFixed(2)}, verify ${first.seconds.toFixed(2)}, ${first.peakMiB.toFixed(0)} MiB, again ${second.seconds.toFixed(2)}`,
      );
    }
    const text = report(image, rounds);
    writeFileSync(values.out, text);
    console.log(text);
  } finally {
    await registry.stop();
    await made.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function push(image: VerifyImage, pathOf: (descriptor: Descriptor) => string, base: string): Promise<void> {
  const put = async (method: string, url: string, descriptor: Descriptor, type: string): Promise<void> => {
    const answer = await fetch(url, {
      method,
      headers: { "content-type": type, "content-length": String(descriptor.size) },
      body: createReadStream(pathOf(descriptor)) as unknown as ReadableStream,
      duplex: "half",
    } as RequestInit);
    if (answer.status !== 201) throw new Error(`${method} ${url} ended with ${answer.status}: ${await answer.text()}`);
  };
  for (const blob of [...image.layers, ...image.configs]) await put("POST", `${base}/blobs/uploads/?digest=${blob.digest}`, blob, "application/octet-stream");
  for (const manifest of image.manifests) await put("PUT", `${base}/manifests/${manifest.digest}`, manifest, manifest.mediaType);
  await put("PUT", `${base}/manifests/1`, image.root, image.root.mediaType);
}

/** Downloads of layers that the registry's log tells of: `GET /v2/NAME/blobs/DIGEST 200 …`. */
function downloads(log: string, image: VerifyImage): number {
  return log.split("\n").filter((line) => /\bGET \S+\/blobs\//.test(line) && image.layers.some(({ digest }) => line.includes(digest))).length;
}

function report(image: VerifyImage, rounds: readonly Round[]): string {
  const seconds = (of: (round: Round) => Measured): string => {
    const all = rounds.map((round) => of(round).seconds);
    return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
  };
  const mib = (of: (round: Round) => Measured): number => Math.max(...rounds.map((round) => of(round).peakMiB));
  const ratio = median(rounds.map(({ first, gunzip }) => first.seconds / gunzip.seconds));
  const peak = mib(({ first }) => first);
  const requests = (which: 0 | 1): string => [...new Set(rounds.map((round) => round.downloads[which]))].join(", ");
  const packed = image.layers.reduce((sum, { size }) => sum + size, 0);
  const verdict = (met: boolean): string => (met ? "met" : "**missed**");
  return [
    "# Figures of verify",
    "",
    "Written by `npm run bench:verify`; do not edit. Whole processes in turns in one run; medians (least–most). Ratios are what counts.",
    "",
    `${new Date().toISOString().slice(0, 10)}, ${rounds.length} runs, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}. Load average ${loadavg()[0]?.toFixed(1)}.`,
    "",
    `An image for two platforms, each of ${image.files} files with ${(image.unpackedBytes / 1e9).toFixed(2)} GB, ${image.binaries} of them ELF, made of this machine's programs; ` +
      `${image.layers.length} distinct layers of ${(packed / 1e6).toFixed(0)} MB, two of them in both. From the embedded registry, a process of its own on loopback.`,
    "",
    "| | time, s | memory, MiB | requests for layers |",
    "| --- | --: | --: | --: |",
    `| \`gunzip\` of all layers, one after another | ${seconds(({ gunzip }) => gunzip)} | | |`,
    `| multihull verify | ${seconds(({ first }) => first)} | ${peak.toFixed(0)} | ${requests(0)} |`,
    `| the same again | ${seconds(({ second }) => second)} | ${mib(({ second }) => second).toFixed(0)} | ${requests(1)} |`,
    "",
    `Time against \`gunzip\`: ${ratio.toFixed(2)}, goal at most ${GOAL_RATIO}: ${verdict(ratio <= GOAL_RATIO)}. Memory: goal under ${GOAL_MIB} MiB: ${verdict(peak < GOAL_MIB)}. ` +
      `Shared layers are read once: ${verdict(requests(0) === String(image.layers.length))}. A second verify reads no layer: ${verdict(requests(1) === "0")}.`,
    "",
  ].join("\n");
}
