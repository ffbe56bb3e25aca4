import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "./harness/multihull.ts";

const pages = [...readdirSync(projectRoot), ...readdirSync(join(projectRoot, "docs")).map((page) => `docs/${page}`)].filter((page) => page.endsWith(".md"));

test("links between pages lead somewhere", () => {
  expect(pages.length).toBeGreaterThan(6);
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(projectRoot, page), "utf8");
    return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !existsSync(join(projectRoot, dirname(page), target)))
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

test("README opens with two commands, and CI runs them as they stand", () => {
  const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
  const ci = readFileSync(join(projectRoot, ".ci/run"), "utf8");
  const commands = [...readme.matchAll(/```sh\n(npm ci[^\n]*)\n```/g)].map(([, command]) => command as string);
  expect(commands).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  for (const command of commands) expect(ci).toContain(`\n${command}\n`);
});

test("reference pages are what the code says", () => {
  execFileSync(process.execPath, ["--import", "tsx", "scripts/generate.ts", "--check"], { cwd: projectRoot, stdio: "pipe" });
});
