import { expect, test, vi } from "vitest";
import { bench, filesOf, planFor, runVertex } from "../../../test/harness/memory-build.ts";
import { memorySandbox } from "../../../test/harness/memory-sandbox.ts";
import { memoryBlobStore } from "../../adapters/memory/blob-store.ts";
import { isProblem } from "../../core/problem.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import { NO_RUN_SETTINGS } from "../run-settings.ts";

const SECRET = "hunter2-is-my-secret";
const PROXY = "http://me:word@proxy";

/** A store that remembers all that was ever written to it, before it is packed for good. */
function watchedStore(written: Uint8Array[]): BlobStore {
  const store = memoryBlobStore();
  return {
    ...store,
    create: async () => {
      const writer = await store.create();
      return {
        get size() {
          return writer.size;
        },
        write: async (chunk) => {
          written.push(Uint8Array.from(chunk));
          await writer.write(chunk);
        },
        commit: (expected) => writer.commit(expected),
        abort: () => writer.abort(),
      };
    },
  };
}

/** All that a value holds, bytes as text. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (value instanceof Error) return [value.message, value.stack, ...Object.values(value).map(shown)].join(" ");
  if (value instanceof Map) return [...value].map(shown).join(" ");
  if (typeof value === "object" && value !== null) return Object.values(value).map(shown).join(" ");
  return String(value);
}

test.each([
  ["works", 0],
  ["fails", 1],
])("the content of a secret is in nothing that stays or is told of a step that %s", async (_, exitCode) => {
  const seen: string[] = [];
  const sandbox = memorySandbox({
    use: ({ program }) => {
      seen.push(shown(program));
      return { exitCode, changes: { done: "yes" } };
    },
  });
  const written: Uint8Array[] = [];
  const { build, registry, records, events } = bench({ sandbox, store: watchedStore(written) });
  const write = vi.spyOn(records, "write");
  const base = (await registry.image("linux/amd64", [{ "etc/os": "base" }])).vertex;
  const mounts = [
    { type: "secret" as const, options: { id: "token", target: "/t", env: "TOKEN", readonly: "true" } },
    { type: "secret" as const, options: { id: "token", required: "true", readonly: "true" } },
  ];
  const run = runVertex("use", filesOf(base, []), { mounts });
  const settings = { ...NO_RUN_SETTINGS, secrets: new Map([["token", async () => Buffer.from(SECRET)]]), proxies: [`HTTP_PROXY=${PROXY}`] };
  const plan = planFor([{ platform: "linux/amd64", base, layers: [run] }]);
  const outcome: unknown = await build(plan, undefined, { run: settings, layers: { compression: "uncompressed", force: false } }).catch(
    (error: unknown) => error,
  );

  expect(isProblem(outcome, "run-failed")).toBe(exitCode !== 0);
  // The program had it: as two files and a variable.
  expect(seen.join("").split(SECRET)).toHaveLength(4);
  expect(seen.join("")).toContain(PROXY);
  const kept = [shown(outcome), shown(events), shown(write.mock.calls), shown(written)].join("\n");
  expect(kept).toContain("RUN use");
  expect(kept).not.toContain(SECRET);
  expect(kept).not.toContain(PROXY);
});
