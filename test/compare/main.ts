/**
 * Builds the cases with two engines and says where they differ.
 * tsx test/compare/main.ts [--left ours|ours-buildkit|ours-docker|ours-container|docker|container|buildkit] [--right buildkit|…] [--only TEXT] [--show] [--fresh]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES } from "./cases/index.ts";
import { PROGRAMS } from "./cases/programs.ts";
import { type EngineName, engineNamed } from "./engines.ts";
import { outcomeOf, surroundings } from "./outcome.ts";
import { startServers } from "./servers.ts";
import { handedOn, verdict } from "./verdict.ts";

const MOST_LINES = 25;

const { values } = parseArgs({
  options: {
    left: { type: "string", default: "ours" },
    right: { type: "string", default: "buildkit" },
    only: { type: "string", default: "" },
    show: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    jobs: { type: "string", default: "2" },
  },
});
const store = mkdtempSync(join(tmpdir(), "multihull-store-"));
const left = await engineNamed(values.left as EngineName, store);
const right = await engineNamed(values.right as EngineName, store);
const world = surroundings();
const waiting = [...CASES, ...(values.only.startsWith("programs") ? PROGRAMS : [])].filter((theCase) => theCase.name.includes(values.only));
// Their ports are fixed, so that a run without them can go on beside another.
const servers = waiting.some((theCase) => /\{(http|git)\}/.test(JSON.stringify(theCase))) ? await startServers() : undefined;
let same = 0;
let different = 0;
try {
  await Promise.all(
    Array.from({ length: Number(values.jobs) }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const tried = [left, right].map(async (engine) => ({ name: engine.name, outcome: await outcomeOf(engine, next!, world, values.fresh) }));
        const [a, b] = [await tried[0]!, await tried[1]!];
        const lines = a.name === `ours-${b.name}` ? handedOn(next, a, b) : verdict(next, a, b);
        if (lines.length === 0) same++;
        else different++;
        if (lines.length > 0 || values.show) console.log(`${lines.length === 0 ? "same" : "DIFFERENT"} ${next.name}`);
        for (const line of lines.slice(0, MOST_LINES)) console.log(`    ${line}`);
        if (lines.length > MOST_LINES) console.log(`    and ${lines.length - MOST_LINES} more`);
        if (lines.length > 0 && next.peersDiffer !== undefined) console.log(`    (peers differ: ${next.peersDiffer})`);
        if (values.show) console.log(JSON.stringify({ [a.name]: a.outcome, [b.name]: b.outcome }, undefined, 1));
      }
    }),
  );
} finally {
  await servers?.stop();
  await left.end();
  await right.end();
  rmSync(store, { recursive: true, force: true });
}
console.log(`${same} cases the same in ${left.name} and ${right.name}, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
