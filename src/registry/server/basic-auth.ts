import { errorResponse, RegistryError } from "./error.ts";
import type { PasswordCheck } from "./htpasswd.ts";
import type { RegistryHandler } from "./message.ts";

/** Lets nobody in without a user's name and password, not even to ask whether this is a registry: that is how clients learn to send them. */
export function withBasicAuth(handler: RegistryHandler, check: PasswordCheck, realm = "multihull registry"): RegistryHandler {
  return async (request) => {
    const given = credentialsOf(request.headers.authorization);
    if (given !== undefined && (await check(given.user, given.password))) return handler(request);
    const refusal = errorResponse(new RegistryError("UNAUTHORIZED", { headers: { "www-authenticate": `Basic realm="${realm}", charset="UTF-8"` } }));
    const headers = { ...refusal.headers, "docker-distribution-api-version": "registry/2.0" };
    return request.method === "HEAD" ? { status: refusal.status, headers } : { ...refusal, headers };
  };
}

/** @see RFC 7617 */
function credentialsOf(header: string | undefined): { readonly user: string; readonly password: string } | undefined {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? "");
  if (match === null) return undefined;
  const text = Buffer.from(match[1] as string, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
