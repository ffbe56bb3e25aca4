/** A step of a job in a log of GitHub's form. */
export interface LoggedStep {
  /** `owner/action@ref`, or a script. */
  readonly run: string;
  readonly with?: Readonly<Record<string, string>>;
  /** What it prints. */
  readonly prints?: string;
}

/** A whole job's raw log: head of the runner, downloads, each step with its head. */
export function githubLog(steps: readonly LoggedStep[], { image = "ubuntu-24.04", downloads = [] as readonly string[] } = {}): string {
  const lines = [
    "Current runner version: '2.323.0'",
    "##[group]Runner Image",
    `Image: ${image}`,
    "Version: 20250504.1.0",
    "##[endgroup]",
    "Getting action download info",
  ];
  for (const action of [...downloads, ...steps.map(({ run }) => run).filter((run) => run.includes("@") && !run.includes(" "))])
    lines.push(`Download action repository '${action}' (SHA:b5ca514318bd6ebac0fb2aedd5d36ec1b5c232a2)`);
  for (const step of steps) lines.push(...stepLines(step));
  lines.push("Post job cleanup.", "Cleaning up orphan processes");
  return `\ufeff${lines.map((line) => `2025-05-09T10:11:12.1234567Z ${line}\n`).join("")}`;
}

function stepLines({ run, with: inputs, prints = "" }: LoggedStep): string[] {
  const script = run.split("\n");
  const isAction = inputs !== undefined || (run.includes("@") && !run.includes(" "));
  return [
    `##[group]Run ${script[0]}`,
    ...(isAction
      ? ["with:", ...Object.entries(inputs ?? {}).flatMap(([name, value]) => `  ${name}: ${value}`.split("\n"))]
      : script.map((line) => `\u001b[36;1m${line}\u001b[0m`)),
    ...(isAction ? [] : ["shell: /usr/bin/bash -e {0}"]),
    "env:",
    "  REGISTRY: registry.test",
    "##[endgroup]",
    ...(prints === "" ? [] : prints.split("\n")),
  ];
}
