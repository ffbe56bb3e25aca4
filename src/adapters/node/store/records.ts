import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../core/digest.ts";
import type { RecordKind, Records } from "../../../engine/records.ts";
import { touch } from "./blobs.ts";
import { hashedName, type StoreLayout } from "./layout.ts";
import type { Lease } from "./lease.ts";
import { isErrno, storeProblem } from "./problem.ts";
import { writeWhole } from "./write-file.ts";

/** Length of a digest in text, and the line end after it. */
const HEAD = "sha256:".length + 64 + 1;

/** Records as files: the digest of key and document on the first line, then the document. */
export function folderRecords(layout: StoreLayout, lease: Lease, durable: boolean): Records {
  const pathOf = (kind: RecordKind, key: string): string => join(layout.records, kind, hashedName(key));
  return {
    async read(kind, key) {
      const path = pathOf(kind, key);
      try {
        const file = readFileSync(path);
        if (statSync(path).mtimeMs <= lease.beganMs) touch(path, lease.beganMs);
        const document = file.subarray(HEAD);
        return file.subarray(0, HEAD).toString("latin1") === head(key, document) ? document : undefined;
      } catch (error) {
        if (isErrno(error, "ENOENT", "EISDIR")) return undefined;
        throw storeProblem(error, path);
      }
    },
    async write(kind, key, bytes) {
      writeWhole(lease, pathOf(kind, key), Buffer.concat([Buffer.from(head(key, bytes)), bytes]), durable);
    },
  };
}

const head = (key: string, document: Uint8Array): string => `${digestOf(Buffer.concat([Buffer.from(`${key}\0`), document]))}\n`;
