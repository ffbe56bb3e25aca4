import { ProblemError } from "../../core/problem.ts";
import { XATTR_PREFIX } from "./format.ts";
import type { Header } from "./header.ts";
import { decodeName } from "./name.ts";
import { shown } from "./path.ts";

/** PAX records as they came: values are raw bytes, because extended attributes are. */
export type PaxRecords = Map<string, Buffer>;

/**
 * Reads `LENGTH KEY=VALUE\n` records into `into`; an empty value takes a record back, as POSIX says.
 * @throws {ProblemError} `layer-invalid`
 */
export function readPaxRecords(body: Buffer, into: PaxRecords): void {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 ? "" : body.toString("latin1", at, Math.min(space, at + 20));
    const length = /^[0-9]{1,10}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = body.indexOf(0x3d, space + 1);
    if (length === 0 || end > body.length || equals === -1 || equals >= end || equals === space + 1 || body[end - 1] !== 0x0a) {
      throw new ProblemError("layer-invalid", { message: `a PAX header holds the malformed record ${shown(body.toString("latin1", at, at + 60))}` });
    }
    const key = body.toString("utf8", space + 1, equals);
    if (equals + 1 === end - 1) into.delete(key);
    else into.set(key, Buffer.from(body.subarray(equals + 1, end - 1)));
    at = end;
  }
}

/**
 * A record's decimal number, fractions allowed.
 * @throws {ProblemError} `layer-invalid`
 */
function paxNumber(key: string, value: Buffer): number {
  const text = value.toString("latin1");
  const number = /^-?[0-9]{1,15}(?:\.[0-9]*)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(number)) return number;
  throw new ProblemError("layer-invalid", { message: `the PAX record ${key} is ${shown(text)}, which is not a number` });
}

/** A header with what its PAX records say instead. */
export function withRecords(header: Header, records: PaxRecords, invalid: (message: string) => ProblemError): Header {
  const told: { -readonly [K in keyof Header]: Header[K] } = { ...header };
  const xattrs = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    if (key.startsWith(XATTR_PREFIX)) {
      xattrs.set(key.slice(XATTR_PREFIX.length), value);
      continue;
    }
    switch (key) {
      case "path":
        told.name = decodeName(value);
        break;
      case "linkpath":
        told.link = decodeName(value);
        break;
      case "size":
        told.size = whole(key, value, invalid);
        break;
      case "uid":
        told.uid = whole(key, value, invalid);
        break;
      case "gid":
        told.gid = whole(key, value, invalid);
        break;
      case "mtime":
        told.mtime = Math.floor(paxNumber(key, value));
        break;
      default:
        if (key.startsWith("GNU.sparse."))
          throw new ProblemError("layer-unsupported", { message: `the entry ${shown(header.name)} is a GNU sparse file, which layers do not have` });
    }
  }
  return xattrs.size === 0 ? told : { ...told, xattrs };
}

function whole(key: string, value: Buffer, invalid: (message: string) => ProblemError): number {
  const number = paxNumber(key, value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw invalid(`the PAX record ${key} is ${value.toString("latin1")}, wanted a whole number that is not negative`);
}
