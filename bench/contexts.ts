import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { REGISTRY } from "../test/compare/places.ts";

const MEGABYTE = 1_000_000;

/** Bytes as programs really hold them: a stretch of Node's own executable, another one for each platform. */
function programBytes(from: number, length: number): Buffer {
  const node = readFileSync(process.execPath);
  return node.subarray(from, from + length);
}

/** A: a 50 MB program for each platform onto nothing. */
export function writeA(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), `FROM scratch\nARG TARGETARCH\nCOPY program-$TARGETARCH /program\nENTRYPOINT ["/program"]\n`);
  writeFileSync(join(folder, "program-amd64"), programBytes(0, 50 * MEGABYTE), { mode: 0o755 });
  writeFileSync(join(folder, "program-arm64"), programBytes(40 * MEGABYTE, 50 * MEGABYTE), { mode: 0o755 });
}

/** B: 2,000 small files onto Debian, and some metadata. */
export function writeB(folder: string): void {
  for (let number = 0; number < 2000; number++) {
    const below = join(folder, "app", `package-${number % 50}`, `lib-${number % 7}`);
    mkdirSync(below, { recursive: true });
    const line = `export const value${number} = ${JSON.stringify({ number, name: `entry-${number}` })};\n`;
    writeFileSync(join(below, `file-${number}.js`), line.repeat(3 + ((number * 37) % 60)));
  }
  writeFileSync(
    join(folder, "Dockerfile"),
    `FROM ${REGISTRY}/base/debian:12\nENV NODE_ENV=production APP_HOME=/srv/app\nLABEL org.opencontainers.image.title="b"\nCOPY app /srv/app\nUSER 1000:1000\nWORKDIR /srv/app\nCMD ["node", "package-0/lib-0/file-0.js"]\n`,
  );
}

/** One file of 2 GB onto nothing, for one platform. */
export function writeLarge(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY large /large\n");
  const piece = programBytes(0, 80 * MEGABYTE);
  const file = openSync(join(folder, "large"), "w");
  for (let number = 0; number < 25; number++) {
    piece.writeUInt32LE(number, 0);
    writeSync(file, piece);
  }
}
