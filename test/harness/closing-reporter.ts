import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

/** Suites that a run of the unit tests leaves out: where they are, and what runs them. */
const LEFT_OUT = {
  peers: { folder: join(import.meta.dirname, "../peers"), otherwise: "real peers", how: "npm run test:peers installs and uses them" },
  sandbox: { folder: join(import.meta.dirname, "../run"), otherwise: "Linux with user namespaces", how: "npm run test:sandbox runs it" },
} as const;

/**
 * Ends a run with what was not run and why, and with one plain line of counts that any reader of logs understands.
 * A peer suite says what it needs in its first line: `// Needs: Docker, skopeo`.
 */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], _errors: readonly unknown[], _reason: TestRunEndReason): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const notRun: string[] = [];
    for (const module of modules) {
      if (module.state() === "failed" && module.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "pending") continue;
        counts[result.state]++;
        if (result.state === "skipped") notRun.push(`${module.relativeModuleId}: ${test.fullName}: ${result.note ?? "what it needs is not on this machine"}`);
      }
    }
    const projects = new Set(modules.map((module) => module.project.name));
    if (projects.has("unit")) for (const name of ["peers", "sandbox"] as const) if (!projects.has(name)) notRun.push(...leftOut(name));
    const lines = [...notRun.map((line) => `not run: ${line}`), `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
}

function leftOut(name: keyof typeof LEFT_OUT): string[] {
  const { folder, otherwise, how } = LEFT_OUT[name];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => {
      const needs = /^\/\/ Needs: (.+)$/m.exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? otherwise;
      return `test/${basename(folder)}/${file}: needs ${needs}; ${how}`;
    });
}
