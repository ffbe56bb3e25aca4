import { type Facts, type ProblemCode, ProblemError } from "../../core/problem.ts";
import { clean, cleanWords, redactedUrl } from "./redact.ts";
import type { TransportError } from "./transport.ts";

/** What was asked of whom: enough to tell people. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  /** The registry as people name it. */
  readonly registry: string;
  readonly repository?: string | undefined;
  /** A credential was sent along. */
  readonly hadCredential?: boolean;
  /** The Authorization that was sent: taken out of the words that come back. */
  readonly authorization?: string | undefined;
}

const SHOWN_ERRORS = 3;

/** A registry's answer that ends the matter, as a problem with its own words. */
export function statusProblem(asked: Asked, status: number, body: Uint8Array): ProblemError {
  const code: ProblemCode =
    status === 401
      ? "registry-unauthorized"
      : status === 403
        ? "registry-denied"
        : status === 404
          ? "registry-not-found"
          : status === 429
            ? "registry-rate-limited"
            : "registry-status";
  const words = registryWords(body, secretsOf(asked.authorization));
  return new ProblemError(code, {
    message: `${asked.registry} answered ${status} to ${asked.method} ${redactedUrl(asked.url)}${words === "" ? "" : `: ${words}`}`,
    hint: hintFor(code, asked, status),
    facts: { ...factsOf(asked), status },
  });
}

/** An answer that came, and is not what the protocol calls for. */
export function answerProblem(code: ProblemCode, asked: Asked, what: string, hint?: string, facts?: Facts): ProblemError {
  return new ProblemError(code, {
    message: `${asked.registry} answered ${asked.method} ${redactedUrl(asked.url)} with ${what}`,
    hint: hint ?? "look whether a registry really answers there; if it does, try again, and tell its operator when it stays so",
    facts: { ...factsOf(asked), ...facts },
  });
}

/** No answer came. */
export function unreachableProblem(asked: Asked, error: TransportError): ProblemError {
  return new ProblemError("registry-unreachable", {
    message: `${asked.registry} gave no answer to ${asked.method} ${redactedUrl(asked.url)}: ${cleanWords(error.message)}`,
    hint: UNREACHABLE_HINT[error.failure]?.(asked) ?? "try again; if it stays so, look whether the registry is up and a proxy is needed (HTTPS_PROXY)",
    facts: { ...factsOf(asked), failure: error.failure },
    cause: error,
  });
}

const UNREACHABLE_HINT: Readonly<Record<string, (asked: Asked) => string>> = {
  "name-unknown": ({ url }) => `no such host: look at the spelling of "${url.hostname}", or set HTTPS_PROXY where only a proxy reaches it`,
  refused: ({ url }) => `nothing listens at ${url.host}: start the registry, or look at the port`,
  certificate: ({ url }) =>
    `put its authority's certificate into SSL_CERT_FILE or /etc/docker/certs.d/${url.host}/ca.crt, or name ${url.host} as an insecure registry`,
  "not-tls": ({ url }) => `${url.host} does not speak TLS: name it as an insecure registry to use plain http`,
  proxy: () => "look at HTTPS_PROXY and HTTP_PROXY, or name the registry in NO_PROXY",
};

/** What an Authorization holds: the token, or user and password together, and the password alone. */
function secretsOf(authorization: string | undefined): string[] {
  const [scheme, value = ""] = authorization?.split(" ") ?? [];
  const plain = scheme === "Basic" ? Buffer.from(value, "base64").toString("utf8") : "";
  // A password of one or two letters would be found in every other word.
  return [value, plain, plain.slice(plain.indexOf(":") + 1)].filter((secret) => secret.length > 2);
}

const factsOf = ({ registry, repository, method, url }: Asked): Facts => ({
  registry,
  method,
  url: redactedUrl(url),
  ...(repository === undefined ? {} : { repository }),
});

function hintFor(code: ProblemCode, { registry, repository, hadCredential }: Asked, status: number): string | undefined {
  const login = `docker login${registry === "docker.io" ? "" : ` ${registry}`}`;
  const place = repository === undefined ? registry : `"${repository}"`;
  if (code === "registry-unauthorized")
    return hadCredential === true
      ? `run ${login} again: the credentials at hand do not open ${place}`
      : `run ${login}, or look at the repository's name: many registries hide what does not exist behind this answer`;
  if (code === "registry-denied") return `ask the owner of ${place} for permission, or run ${login} as a user who has it`;
  if (code === "registry-not-found") return `look at the name and tag of ${place}; a private repository may also need ${login}`;
  if (code === "registry-rate-limited")
    return hadCredential === true ? "wait, or use a mirror" : `wait, use a mirror, or run ${login}: known users may ask more often`;
  return status >= 500 ? "the registry is in trouble: try again later" : undefined;
}

/** What an error's body says: the protocol's own errors, or the first words of whatever came. */
export function registryWords(body: Uint8Array, secrets: readonly string[] = []): string {
  const came = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  const text = secrets.reduce((words, secret) => words.replaceAll(secret, "…"), came);
  const told = protocolErrors(text);
  if (told.length > 0) return cleanWords(told.slice(0, SHOWN_ERRORS).join("; "));
  return cleanWords(/^\s*</.test(text) ? htmlWords(text) : text);
}

/** The first words of an answer that should have been something else, quoted. */
export function firstWords(body: Uint8Array): string {
  const words = registryWords(body.subarray(0, 2000));
  return words === "" ? "nothing" : `"${words.slice(0, 120)}"`;
}

function protocolErrors(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  const { errors, details, message, error_description: description } = value as Record<string, unknown>;
  if (Array.isArray(errors)) {
    return errors.flatMap((error: unknown) => {
      if (typeof error !== "object" || error === null) return [];
      const { code, message: said } = error as Record<string, unknown>;
      return [[code, said].filter((part): part is string => typeof part === "string" && part !== "").join(": ")];
    });
  }
  return [description, details, message].filter((part): part is string => typeof part === "string").slice(0, 1);
}

function htmlWords(text: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
  return `a web page, ${clean(title ?? text.replace(/<(?:script|style)[\s\S]*?(?:<\/(?:script|style)>|$)/gi, " ").replace(/<[^>]*>?/g, " "))}`;
}
