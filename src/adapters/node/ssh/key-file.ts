import { closeSync, openSync, readSync, statSync } from "node:fs";
import { ProblemError } from "../../../core/problem.ts";

/** BuildKit reads no more of a key. @see moby/buildkit session/sshforward/sshprovider/agentprovider.go, read 2026-11-22 */
const MAX_KEY_BYTES = 100 * 1024;

/** What a path of --ssh is. @throws {ProblemError} `secret-missing` when there is nothing */
export function isSocket(path: string, flag: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch (cause) {
    throw unreadable(path, flag, cause);
  }
}

/**
 * A private key, to be given to an agent.
 * @throws {ProblemError} `secret-missing` for what cannot be read, is no private key, or wants a passphrase; the message holds nothing of the content
 */
export function readKeyFile(path: string, flag: string): Buffer {
  let bytes: Buffer;
  try {
    const fd = openSync(path, "r");
    try {
      const room = Buffer.alloc(MAX_KEY_BYTES);
      let size = 0;
      // A pipe gives it piece by piece.
      for (let read = -1; read !== 0 && size < MAX_KEY_BYTES; size += read) read = readSync(fd, room, size, MAX_KEY_BYTES - size, null);
      bytes = room.subarray(0, size);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw unreadable(path, flag, cause);
  }
  const text = bytes.toString("latin1");
  if (!/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/.test(text))
    throw new ProblemError("secret-missing", { message: `${flag}: "${path}" is neither a socket nor a private key`, hint: "name the file without .pub" });
  if (wantsPassphrase(text))
    throw new ProblemError("secret-missing", {
      message: `${flag}: the key "${path}" is protected by a passphrase, and nobody can be asked for it`,
      hint: "add it to an agent (eval $(ssh-agent); ssh-add FILE) and give that: --ssh default",
    });
  return bytes;
}

/** @see openssh-portable PROTOCOL.key (the cipher stands behind the magic), RFC 1421 (Proc-Type), RFC 5958 (ENCRYPTED), read 2026-11-22 */
function wantsPassphrase(text: string): boolean {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) return true;
  const [, body = ""] = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)/.exec(text) ?? [];
  const head = Buffer.from(body, "base64").subarray(0, 64);
  const magic = "openssh-key-v1\0";
  if (head.toString("latin1", 0, magic.length) !== magic) return false;
  const length = head.readUInt32BE(magic.length);
  return head.toString("latin1", magic.length + 4, magic.length + 4 + length) !== "none";
}

function unreadable(path: string, flag: string, cause: unknown): ProblemError {
  const { code } = cause as NodeJS.ErrnoException;
  return new ProblemError("secret-missing", {
    message: code === "ENOENT" ? `${flag}: there is no "${path}"` : `${flag}: "${path}" cannot be read (${code})`,
    hint: "name the socket of an agent, or a file with a private key",
    cause,
  });
}
