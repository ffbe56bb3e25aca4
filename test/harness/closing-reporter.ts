import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

const peers = join(import.meta.dirname, "../peers");

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
    if (!modules.some((module) => module.project.name === "peers")) notRun.push(...peerSuites());
    const lines = [...notRun.map((line) => `not run: ${line}`), `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
}

function peerSuites(): string[] {
  return readdirSync(peers, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => {
      const needs = /^\/\/ Needs: (.+)$/m.exec(readFileSync(join(peers, file), "utf8"))?.[1] ?? "real peers";
      return `test/peers/${file}: needs ${needs}; npm run test:peers installs and uses them`;
    });
}
