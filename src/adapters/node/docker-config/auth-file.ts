import { readFileSync } from "node:fs";
import { ProblemError } from "../../../core/problem.ts";
import type { Credential } from "../../../registry/client/credentials.ts";

/** What we need of a config.json or auth.json. */
export interface AuthFile {
  readonly path: string;
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, unknown>>;
  readonly credsStore: string | undefined;
}

/**
 * Reads a file of credentials; undefined when there is none.
 * @throws {ProblemError} `credentials-unreadable`, which never repeats what stands in the file
 */
export function readAuthFile(path: string): AuthFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, `"${path}" cannot be read (${String(code)})`, "look at the file's owner and mode", cause);
  }
  if (text.trim() === "") return { path, auths: {}, credHelpers: {}, credsStore: undefined };
  const value = parsed(text.replace(/^\uFEFF/, ""), path);
  const { auths, credHelpers, credsStore } = value;
  return {
    path,
    auths: objectOr(auths, path, "auths"),
    credHelpers: objectOr(credHelpers, path, "credHelpers"),
    credsStore: typeof credsStore === "string" && credsStore !== "" ? credsStore : undefined,
  };
}

/** The host that a key of `auths` means: without scheme and path. */
export const hostOfKey = (key: string): string => key.replace(/^https?:\/\//, "").split("/")[0] ?? "";

/**
 * The credential that one of `keys` (the likeliest first) has in the file; undefined when there is none, or an empty entry.
 * @throws {ProblemError} `credentials-unreadable`
 */
export function credentialIn(file: AuthFile, keys: readonly string[]): Credential | undefined {
  const hosts = new Set(keys.map(hostOfKey));
  const like = Object.keys(file.auths).filter((key) => !keys.includes(key) && hosts.has(hostOfKey(key)));
  for (const key of [...keys, ...like]) {
    if (!Object.hasOwn(file.auths, key)) continue;
    const credential = credentialOf(file.auths[key], key, file.path);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

function credentialOf(entry: unknown, key: string, path: string): Credential | undefined {
  const { auth, username, password, identitytoken, registrytoken } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  if (text(registrytoken) !== "") return { registryToken: text(registrytoken) };
  if (text(identitytoken) !== "") return { identityToken: text(identitytoken) };
  if (text(auth) === "") return text(username) === "" ? undefined : { username: text(username), password: text(password) };
  const plain = Buffer.from(text(auth), "base64").toString("utf8");
  const colon = plain.indexOf(":");
  if (!/^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text(auth)) || colon < 1)
    throw unreadable(
      path,
      `"auths" of "${path}" has an entry for "${key}" that is not a user and password in base64`,
      `run docker login ${hostOfKey(key)} again`,
    );
  // Docker once padded passwords with NULs.
  return { username: plain.slice(0, colon), password: plain.slice(colon + 1).replace(/\0+$/, "") };
}

function parsed(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not the parser's words: they repeat a piece of the text, and the text holds secrets.
    throw unreadable(path, `"${path}" is not JSON`, "mend the file, or move it away and run docker login again");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unreadable(path, `"${path}" holds no JSON object`, "mend the file, or move it away and run docker login again");
}

function objectOr(value: unknown, path: string, field: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unreadable(path, `"${field}" of "${path}" is no JSON object`, "mend the file, or move it away and run docker login again");
}

export function unreadable(path: string, message: string, hint: string, cause?: unknown): ProblemError {
  return new ProblemError("credentials-unreadable", { message, hint, facts: { file: path }, cause });
}
