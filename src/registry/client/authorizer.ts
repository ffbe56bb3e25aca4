import type { Clock } from "../../core/clock.ts";
import { type Asked, answerProblem } from "./answer-problem.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { TOKEN_MARGIN_MS } from "./limits.ts";
import { coversScopes, mergeScopes } from "./scope.ts";
import { basicAuthorization, requestToken, type SendTokenRequest, type Token, type TokenDemand } from "./token.ts";

/** Whom to convince: the registry by the name of its credentials, and the origin that speaks for it. */
export interface Audience {
  readonly name: string;
  readonly origin: string;
}

/** Finds out how each registry lets itself be convinced, and keeps the tokens. Safe to use from many requests at once. */
export interface Authorizer {
  /** The Authorization to send, as far as is known by now. */
  authorization(audience: Audience, scopes: readonly string[]): Promise<string | undefined>;
  /**
   * Learns from a 401.
   * @param used  the Authorization that was refused
   * @returns the scopes to try again with, or undefined when nothing better can be sent
   * @throws {ProblemError} `registry-unauthorized` when the registry names a token server over a way that we refuse
   */
  learn(
    audience: Audience,
    header: string | undefined,
    used: string | undefined,
    scopes: readonly string[],
    asked: Asked,
  ): Promise<readonly string[] | undefined>;
  /** True when there is a credential for it. */
  known(name: string): Promise<boolean>;
}

export interface AuthorizerDeps {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly send: (registry: string, hadCredential: boolean) => SendTokenRequest;
  /** True for hosts that may be asked over plain http by a registry that speaks TLS. */
  readonly mayBePlain: (host: string) => boolean;
}

interface CachedToken {
  readonly scopes: readonly string[];
  readonly token: Promise<Token>;
  /** Set when the token is there. */
  expiresMs: number;
  value: string | undefined;
}

interface Way {
  readonly scheme: "basic" | "bearer";
  readonly realm?: URL;
  readonly service?: string | undefined;
  tokens: CachedToken[];
}

export function createAuthorizer({ credentials, clock, send, mayBePlain }: AuthorizerDeps): Authorizer {
  const ways = new Map<string, Way>();
  const kept = new Map<string, Promise<Credential | undefined>>();
  const keyOf = ({ name, origin }: Audience): string => `${name} ${origin}`;

  const credentialFor = (name: string): Promise<Credential | undefined> => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const asked = credentials.for(name);
    kept.set(name, asked);
    asked.catch(() => kept.delete(name));
    return asked;
  };

  const tokenFor = async (audience: Audience, way: Way, realm: URL, wanted: readonly string[]): Promise<string> => {
    const scopes = mergeScopes(wanted);
    const now = clock.nowMs();
    way.tokens = way.tokens.filter((cached) => cached.expiresMs > now);
    let entry = way.tokens.find((cached) => coversScopes(cached.scopes, scopes) || (scopes.length === 0 && cached.scopes.length === 0));
    if (entry === undefined) {
      const credential = await credentialFor(audience.name);
      const demand: TokenDemand = { realm, service: way.service, scopes, credential };
      const made: CachedToken = {
        scopes,
        token: requestToken(demand, send(audience.name, credential !== undefined)),
        expiresMs: Number.POSITIVE_INFINITY,
        value: undefined,
      };
      made.token.then(
        ({ value, lifetimeMs }) => {
          made.value = value;
          made.expiresMs = clock.nowMs() + lifetimeMs - Math.min(TOKEN_MARGIN_MS, lifetimeMs / 10);
        },
        () => {
          way.tokens = way.tokens.filter((cached) => cached !== made);
        },
      );
      way.tokens.push(made);
      entry = made;
    }
    return `Bearer ${(await entry.token).value}`;
  };

  return {
    async authorization(audience, scopes) {
      const way = ways.get(keyOf(audience));
      if (way === undefined) return undefined;
      const credential = await credentialFor(audience.name);
      if (credential !== undefined && "registryToken" in credential) return `Bearer ${credential.registryToken}`;
      if (way.scheme === "bearer" && way.realm !== undefined) return tokenFor(audience, way, way.realm, scopes);
      return credential !== undefined && "username" in credential ? basicAuthorization(credential.username, credential.password) : undefined;
    },

    async learn(audience, header, used, scopes, asked) {
      const challenges = parseChallenges(header ?? "");
      const credential = await credentialFor(audience.name);
      const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.realm !== undefined);
      if (credential !== undefined && "registryToken" in credential) {
        if (used !== undefined) return undefined;
        ways.set(keyOf(audience), { scheme: "bearer", tokens: [] });
        return scopes;
      }
      if (bearer !== undefined) return learnBearer(audience, bearer, used, scopes, asked);
      const wantsBasic = challenges.some(({ scheme }) => scheme === "basic");
      if (!wantsBasic || credential === undefined || !("username" in credential) || used?.startsWith("Basic ") === true) return undefined;
      ways.set(keyOf(audience), { scheme: "basic", tokens: [] });
      return scopes;
    },

    known: async (name) => (await credentialFor(name)) !== undefined,
  };

  function learnBearer(audience: Audience, { parameters }: Challenge, used: string | undefined, scopes: readonly string[], asked: Asked): readonly string[] {
    const realm = realmOf(parameters.realm ?? "", audience.origin, asked);
    const key = keyOf(audience);
    const before = ways.get(key);
    const same = before?.realm?.href === realm.href && before.service === parameters.service;
    const tokens = same ? before.tokens.filter(({ value }) => value === undefined || `Bearer ${value}` !== used) : [];
    ways.set(key, { scheme: "bearer", realm, service: parameters.service, tokens });
    return mergeScopes([...scopes, parameters.scope ?? ""]);
  }

  function realmOf(text: string, origin: string, asked: Asked): URL {
    const refuse = (what: string): never => {
      throw answerProblem("registry-unauthorized", asked, what, "tell the registry's operator: credentials are only sent to its token server over TLS");
    };
    if (!URL.canParse(text)) return refuse("a token server whose address cannot be read");
    const realm = new URL(text);
    if (realm.protocol !== "https:" && realm.protocol !== "http:") return refuse("a token server that is no web address");
    if (origin.startsWith("https:") && realm.protocol === "http:" && !mayBePlain(realm.host)) return refuse(`a token server over plain http ("${realm.host}")`);
    realm.username = "";
    realm.password = "";
    return realm;
  }
}
