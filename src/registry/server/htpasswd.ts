import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ProblemError } from "../../core/problem.ts";

/** Checks a user's password. */
export type PasswordCheck = (user: string, password: string) => Promise<boolean>;

/** Passwords that were right are remembered, so that each request does not cost a bcrypt: this many, as keyed hashes. */
const MOST_REMEMBERED = 1000;
const BCRYPT = /^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/;
const SHA = /^\{SHA\}[A-Za-z0-9+/]{27}=$/;
/** Compared with when the user is unknown, so that the time tells nothing: bcrypt of a random password, cost 10. */
const NOBODY = "$2y$10$jwt0J8RrTEZwH9bD4qVOluDGaeDW2CmkmalMyD94ZWvBSt8eWymKm";

/**
 * Reads an htpasswd file: `USER:HASH` lines, blank lines and `#` comments. Hashes are bcrypt (`htpasswd -B`) or `{SHA}`.
 * @throws {ProblemError} `usage` (a line that cannot be used, told by its number; no user at all)
 */
export function readHtpasswd(text: string): PasswordCheck {
  const hashes = new Map<string, string>();
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const hash = line.slice(colon + 1);
    if (colon < 1 || !(BCRYPT.test(hash) || SHA.test(hash))) {
      throw new ProblemError("usage", {
        message: `line ${i + 1} of the htpasswd file is not USER:HASH with a bcrypt or {SHA} hash`,
        hint: "make the line with `htpasswd -nB USER`",
      });
    }
    hashes.set(line.slice(0, colon), hash);
  }
  if (hashes.size === 0) throw new ProblemError("usage", { message: "the htpasswd file has no user", hint: "make a line with `htpasswd -nB USER`" });
  return remembering(async (user, password) => {
    const hash = hashes.get(user);
    const matches = await matchesHash(password, hash ?? NOBODY);
    return hash !== undefined && matches;
  });
}

async function matchesHash(password: string, hash: string): Promise<boolean> {
  if (hash.startsWith("{SHA}")) {
    const digest = createHash("sha1").update(password).digest();
    return timingSafeEqual(digest, Buffer.from(hash.slice("{SHA}".length), "base64"));
  }
  // Loaded only by registries that ask for passwords.
  const { compare } = await import("bcryptjs");
  return compare(password, hash);
}

function remembering(check: PasswordCheck): PasswordCheck {
  const key = randomBytes(32);
  const known = new Set<string>();
  return async (user, password) => {
    const mark = createHmac("sha256", key).update(`${user}\0${password}`).digest("base64");
    if (known.has(mark)) return true;
    if (!(await check(user, password))) return false;
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.add(mark);
    return true;
  };
}
