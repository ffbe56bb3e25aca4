import type { Fact } from "../../../findings/finding.ts";
import { exportedCaches } from "../../../simulate/cache-exports.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Trace, WorkflowStudy } from "../../../simulate/trace.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, isBuildEvent } from "../../rule.ts";
import { coversBuild, sameRun, whatIsBuilt } from "../../same-build.ts";
import { type CacheEntry, cacheAddress, cacheEntries } from "../cache-entries.ts";
import { addCacheField } from "../cache-inputs.ts";
import { tellingKey } from "../matrix-key.ts";

/** An entry of `cache-to` with the build that writes it. */
interface Export {
  readonly at: BuildEvent;
  readonly entry: CacheEntry;
}

export const rule = defineRule({
  meta: {
    id: "cache-overwritten",
    summary: "several builds of one run export their cache to the same place, where each replaces that of the other",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["gha-scope-overwrite", "registry-cache-single-ref"],
  },
  workflow(workflow, report) {
    for (const [address, exports] of exportsByAddress(workflow)) {
      const clashing = clashes(exports);
      const [first] = clashing;
      if (first === undefined) continue;
      const builds = new Set(clashing.map(nameOf));
      report({
        message: `${builds.size} builds of one run export their cache to ${address}, where each replaces that of the one before`,
        place: first.entry.text.place,
        key: address,
        confidence: clashing.every(({ at, entry }) => entry.certain && at.event.sure && at.trace.row.certain) ? "certain" : "likely",
        facts: factsOf(clashing),
        cause: `a cache export replaces what lies at its address: only the last build finds its own steps there in the next run, and the others build anew`,
        remedies: [remedyOf(first, clashing)],
        traces: [...new Set(clashing.map(({ at }) => at.trace))],
      });
    }
  },
});

function exportsByAddress({ jobs }: WorkflowStudy): ReadonlyMap<string, readonly Export[]> {
  const byAddress = new Map<string, Export[]>();
  for (const trace of jobs.flatMap((job) => job.traces)) {
    for (const one of exportsOf(trace)) {
      const address = cacheAddress(one.entry);
      if (address === undefined) continue;
      const there = byAddress.get(address);
      if (there === undefined) byAddress.set(address, [one]);
      else there.push(one);
    }
  }
  return byAddress;
}

function* exportsOf(trace: Trace): Iterable<Export> {
  for (const event of trace.events) {
    if (!isBuildEvent(event) || event.operation.onlyAsks || event.operation.cacheTo.items.length === 0) continue;
    const written = exportedCaches(event.operation, event.before).flatMap(({ text, certain }) => (certain ? [text] : []));
    for (const entry of cacheEntries(event.operation.cacheTo)) {
      if (written.includes(entry.text)) yield { at: { build: event.operation, event, trace }, entry };
    }
  }
}

/** Those that meet, in one run, one of another content. */
const clashes = (exports: readonly Export[]): readonly Export[] => exports.filter((one) => exports.some((other) => one !== other && clash(one.at, other.at)));

function clash(a: BuildEvent, b: BuildEvent): boolean {
  if (a.build === b.build || !sameRun(a.trace, b.trace)) return false;
  const [one, other] = [whatIsBuilt(a), whatIsBuilt(b)];
  return one !== undefined && other !== undefined && !coversBuild(one, other) && !coversBuild(other, one);
}

const nameOf = ({ at: { build, trace } }: Export): string =>
  [trace.job.id.text, trace.row.name, build.place.file.name, String(build.place.span.start), build.name ?? ""].join("\n");

const MOST_TOLD = 4;

function factsOf(exports: readonly Export[]): readonly Fact[] {
  const byName = new Map(exports.map((one) => [nameOf(one), one]));
  const facts = [...byName.values()].map(({ at: { build, trace }, entry }) => {
    const row = trace.row.name === "" ? "" : `, row "${trace.row.name}"`;
    const name = build.name === undefined ? "" : `, target "${build.name}"`;
    return { sentence: `job "${trace.job.id.text}"${row}${name} exports "${shownText(entry.text)}"`, place: entry.text.place };
  });
  const more = facts.length - MOST_TOLD;
  return more <= 0 ? facts : [...facts.slice(0, MOST_TOLD), { sentence: `and so do ${more} more`, place: undefined }];
}

function remedyOf({ at, entry }: Export, clashing: readonly Export[]): ReturnType<typeof remedy> {
  const field = entry.type === "gha" ? "scope" : "ref";
  const title = `give each build a ${field} of its own, in \`cache-to\` and in \`cache-from\``;
  const price = "each build keeps a cache of its own, which takes more room";
  const key = tellingKey(clashing.map((one) => one.at.trace.row));
  const single = clashing.every((one) => one.entry.text.place.span.start === entry.text.place.span.start);
  if (entry.type !== "gha" || entry.fields.has("scope") || key === undefined || !single) return advice(title, price);
  const scope = `scope=\${{ matrix.${key} }}`;
  const { step } = at.event;
  const edits = [addCacheField(step, "to", scope), ...(at.build.cacheFrom.place === undefined ? [] : [addCacheField(step, "from", scope)])];
  return remedy({ title, price }, edits);
}
