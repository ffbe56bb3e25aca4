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

const RUN_BASE = `${REGISTRY}/base/run:1`;

/** C: a stage on the building machine's platform with RUN, what it made copied into each platform's image, and one RUN there, which is emulated for the foreign one. */
export function writeC(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "Dockerfile"),
    [
      `FROM --platform=$BUILDPLATFORM ${RUN_BASE} AS build`,
      "WORKDIR /src",
      "COPY source.c /src/",
      "RUN mkdir -p /out && for i in $(seq 100); do sha256sum source.c > /out/object-$i; done",
      "ARG TARGETARCH",
      'RUN cat /out/* > /out/program && echo "for $TARGETARCH" >> /out/program && chmod 755 /out/program',
      `FROM ${RUN_BASE}`,
      "COPY --from=build /out/program /usr/bin/program",
      "RUN uname -m > /etc/built-on && mkdir -p /var/lib/program && chown 1000:1001 /var/lib/program && sha256sum /usr/bin/program > /var/lib/program/sum",
      'CMD ["/usr/bin/program"]',
      "",
    ].join("\n"),
  );
  writeFileSync(join(folder, "source.c"), "int main(void) { return 0; }\n".repeat(2000));
}

/** RUN on seven platforms, six of them foreign. */
export function writeSeven(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "Dockerfile"),
    `FROM ${RUN_BASE}\nRUN uname -m > /etc/built-on\nRUN mkdir -p /srv && cp /etc/passwd /srv/ && sha256sum /srv/passwd > /srv/sum\n`,
  );
}
export const SEVEN_PLATFORMS = "linux/amd64,linux/arm64,linux/arm/v7,linux/386,linux/riscv64,linux/ppc64le,linux/s390x";

/** A tree of 20,000 files, and two RUN steps that touch a part of it. */
export function writeTree(folder: string): void {
  for (let number = 0; number < 20_000; number++) {
    const below = join(folder, "app", `package-${number % 200}`, `lib-${number % 7}`);
    if (number < 1400) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `file-${number}.js`), `export const value${number} = ${number};\n`.repeat(20 + ((number * 37) % 400)));
  }
  writeFileSync(
    join(folder, "Dockerfile"),
    [
      `FROM ${RUN_BASE}`,
      "COPY app /srv/app",
      "RUN find /srv/app -name 'file-*[05].js' -exec touch {} + && rm -rf /srv/app/package-7",
      "RUN find /srv/app -type f | wc -l > /srv/count && chmod -R g-w /srv/app/package-1*",
      "",
    ].join("\n"),
  );
}

/** A RUN step whose layer has this many megabytes, none like another. */
export function writeLargeRun(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), `FROM ${RUN_BASE}\nRUN dd if=/dev/urandom of=/large bs=1M count=${megabytes} 2>/dev/null\n`);
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
