import { afterEach, expect } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { createRegistryClient } from "../../src/registry/client/create.ts";
import type { Credential } from "../../src/registry/client/credentials.ts";
import type { RegistryOptions } from "../../src/registry/client/options.ts";
import { type Transport, TransportError, type TransportFailure, type TransportRequest } from "../../src/registry/client/transport.ts";

/** One request that must come, in its turn, and what it gets. */
export interface Step {
  /** `METHOD URL`, whole. */
  readonly ask: string;
  /** Headers that must be so; null for one that must not be there. */
  readonly with?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly give?: string | Uint8Array;
  /** The connection breaks after the body's bytes. */
  readonly cut?: true;
  /** No answer at all. */
  readonly fail?: TransportFailure;
}

/** A transport that knows only what is laid out. Anything else throws a plain Error, which no code under test may swallow. */
export function scriptedTransport(steps: readonly Step[]) {
  const left = [...steps];
  const wrong: string[] = [];
  const refuse = (what: string): Error => {
    wrong.push(what);
    return new Error(what);
  };
  const transport: Transport = {
    async request(request) {
      const line = `${request.method} ${request.url.href}`;
      const step = left.shift();
      if (step === undefined) throw refuse(`nothing is laid out for ${line}`);
      if (step.ask !== line) throw refuse(`asked: ${line}\nlaid out: ${step.ask}`);
      for (const [name, value] of Object.entries(step.with ?? {}))
        if ((request.headers[name] ?? null) !== value) throw refuse(`${line}: ${name} is ${request.headers[name]}, laid out: ${value}`);
      const sent = await bodyOf(request);
      if (step.body !== undefined && sent !== step.body) throw refuse(`${line}: body is ${JSON.stringify(sent)}, laid out: ${JSON.stringify(step.body)}`);
      if (step.fail !== undefined) throw new TransportError(step.fail, `made to fail: ${step.fail}`);
      const bytes = typeof step.give === "string" ? Buffer.from(step.give) : (step.give ?? new Uint8Array());
      return {
        status: step.status ?? 200,
        headers: step.headers ?? {},
        body: {
          async *[Symbol.asyncIterator]() {
            // In pieces, so that nobody counts on one.
            for (let at = 0; at < bytes.byteLength; at += 5) yield bytes.subarray(at, at + 5);
            if (step.cut === true) throw new TransportError("reset", "made to break");
          },
        },
        discard: async () => {},
      };
    },
    close: async () => {},
  };
  return {
    transport,
    /** What was laid out and never asked for, and what was asked for and not laid out. */
    leftOver: () => [...wrong, ...left.map(({ ask }) => `never asked: ${ask}`)],
  };
}

async function bodyOf({ body }: TransportRequest): Promise<string> {
  if (body === undefined) return "";
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.open()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.byteLength !== body.length) throw new Error(`a body of ${bytes.byteLength} bytes says that it has ${body.length}`);
  return bytes.toString("utf8");
}

/** A clock that goes on when somebody sleeps, and by `advance`. */
export function fakeClock(startMs = Date.UTC(2026, 10, 22)) {
  let nowMs = startMs;
  const slept: number[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
      nowMs += ms;
    },
  };
  return {
    clock,
    slept,
    advance: (ms: number): void => {
      nowMs += ms;
    },
  };
}

/** A client over a script. */
export function scriptedClient(
  steps: readonly Step[],
  more: { readonly credentials?: Readonly<Record<string, Credential>>; readonly options?: RegistryOptions } = {},
) {
  const script = scriptedTransport(steps);
  const time = fakeClock();
  const client = createRegistryClient({
    transport: script.transport,
    credentials: { for: async (registry) => more.credentials?.[registry] },
    clock: time.clock,
    options: more.options ?? {},
  });
  return { client, ...script, ...time };
}

/** For a test file: `scriptedClient`, with every script looked at after its test: what was laid out and not asked fails it. */
export function checkedScripts(): typeof scriptedClient {
  let checks: (() => string[])[] = [];
  afterEach(() => {
    const leftOver = checks.flatMap((check) => check());
    checks = [];
    expect(leftOver).toEqual([]);
  });
  return (steps, more) => {
    const made = scriptedClient(steps, more);
    checks.push(made.leftOver);
    return made;
  };
}
