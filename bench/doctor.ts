/**
 * Measures `doctor` against actionlint over the same real workflows and writes bench/doctor.md.
 * npm run bench:doctor [-- --runs 9 --corpus ../shared/corpus]
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHECKOUT, OURS, peerEnvironment } from "../test/compare/places.ts";
import { type Measured, measure, median } from "./measure.ts";
import { versionOf } from "./report.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "9" }, corpus: { type: "string", default: join(CHECKOUT, "../shared/corpus") } } });
const NOTHING = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n";
/** Findings are no failure of a linter. */
const STATUSES = [0, 1];

const folder = mkdtempSync(join(tmpdir(), "multihull-bench-doctor-"));
try {
  const [all, nothing] = [join(folder, "all"), join(folder, "nothing")];
  const names = readdirSync(join(values.corpus, "wild")).filter((name) => /\.ya?ml$/.test(name) && !/action\.ya?ml$/.test(name));
  for (const repository of [all, nothing]) mkdirSync(join(repository, ".github/workflows"), { recursive: true });
  for (const name of names) cpSync(join(values.corpus, "wild", name), join(all, ".github/workflows", name));
  writeFileSync(join(nothing, ".github/workflows/nothing.yml"), NOTHING);
  const env = peerEnvironment();
  const filesOf = (repository: string): string[] =>
    readdirSync(join(repository, ".github/workflows")).map((name) => join(repository, ".github/workflows", name));
  const programs = [
    {
      name: "multihull doctor",
      run: (repository: string) => measure(process.execPath, [OURS, "doctor", "--format", "json", repository], env, true, STATUSES),
    },
    { name: "actionlint", run: (repository: string) => measure("actionlint", ["-shellcheck=", "-pyflakes=", ...filesOf(repository)], env, true, STATUSES) },
  ];
  const times = programs.map(() => [] as { start: Measured; whole: Measured }[]);
  for (let i = 0; i < Number(values.runs); i++) {
    for (const [n, { run }] of programs.entries()) times[n]?.push({ start: await run(nothing), whole: await run(all) });
  }
  const rows = programs.map(({ name }, n) => {
    const own = times[n] ?? [];
    const start = median(own.map((one) => one.start.seconds));
    const whole = median(own.map((one) => one.whole.seconds));
    return { name, start, whole, perFile: ((whole - start) * 1000) / names.length, peak: median(own.map((one) => one.whole.peakMiB)) };
  });
  const [ours, theirs] = rows;
  if (ours === undefined || theirs === undefined) throw new Error("nothing was measured");
  const ratio = ours.perFile / theirs.perFile;
  const text = [
    "# Figures of doctor",
    "",
    "Written by `npm run bench:doctor`; do not edit. Whole processes in turns in one run; medians.",
    "",
    `${new Date().toISOString().slice(0, 10)}, ${values.runs} runs, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}, ` +
      `actionlint ${versionOf("actionlint", ["-version"], env)}. Load average ${loadavg()[0]?.toFixed(1)}. ${names.length} real workflows.`,
    "",
    "| | one trivial file, s | all files, s | per file after start, ms | peak memory, MiB |",
    "| --- | --: | --: | --: | --: |",
    ...rows.map((row) => `| ${row.name} | ${row.start.toFixed(3)} | ${row.whole.toFixed(3)} | ${row.perFile.toFixed(2)} | ${row.peak.toFixed(0)} |`),
    "",
    `Ratio per file: ${ratio.toFixed(2)} (goal at most 1: ${ratio <= 1 ? "met" : "**missed**"}). actionlint checks syntax, types and expressions of one file at a time; shellcheck and pyflakes are switched off.`,
    "",
  ].join("\n");
  writeFileSync(join(CHECKOUT, "bench/doctor.md"), text);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
