// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles
import type { SourceFile } from "../../core/span.ts";
import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding } from "../../findings/finding.ts";

/** Findings for tests of what prints them. */
const WORKFLOW =
  'on: push\njobs:\n  b:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          platforms: linux/amd64,linux/arm64\n          tags: "é\u{1F600}"\n';

export const workflow: SourceFile = { name: ".github/workflows/release a.yml", text: WORKFLOW };
const crlf: SourceFile = { name: "Dockerfile", text: "FROM alpine\r\nRUN curl \\\r\n\t-o x https://example.org/x-amd64\r\n" };

const spanOf = (file: SourceFile, text: string): { readonly start: number; readonly end: number } => {
  const start = file.text.indexOf(text);
  return { start, end: start + text.length };
};
const at = (file: SourceFile, text: string) => ({ file, span: spanOf(file, text) });

export const missingBuilder: Finding = {
  rule: "builder-missing",
  severity: "error",
  confidence: "certain",
  message: 'the builder cannot build "linux/amd64,linux/arm64"',
  place: at(workflow, "linux/amd64,linux/arm64"),
  facts: [
    { sentence: 'the runner "ubuntu-24.04" has Docker 28 with the classic store', place: at(workflow, "ubuntu-24.04") },
    { sentence: "no step made a builder", place: undefined },
  ],
  when: { always: false, scenarios: ["a push of the tag v1.2.3", "a dispatch"], rows: ["linux/arm64, 3.12"], condition: "secrets.TOKEN && inputs.push" },
  log: { tool: "docker buildx build", lines: ["ERROR: failed to build: Multi-platform build is not supported for the docker driver.", "100% [done]: ```a```"] },
  cause: "the docker driver builds one platform at a time.",
  remedies: [
    {
      title: "set up a Buildx builder before this step",
      price: "each build starts a BuildKit container (about 5 s)",
      fix: { with: "buildx", safety: "safe", edits: [{ kind: "yaml", file: workflow, patches: [] }] },
    },
    { title: 'use "ubuntu-26.04"', price: "another runner", fix: undefined },
  ],
};

export const hardCoded: Finding = {
  rule: "architecture-hard-coded",
  severity: "warning",
  confidence: "likely",
  message: 'every platform gets "x-amd64"',
  place: at(crlf, "curl \\\r\n\t-o x https://example.org/x-amd64"),
  facts: [{ sentence: "TARGETARCH is not used", place: at(crlf, "x-amd64") }],
  when: { always: true, scenarios: [], rows: [], condition: undefined },
  log: undefined,
  cause: "the address names one architecture",
  remedies: [
    {
      title: "use TARGETARCH",
      price: "nothing",
      fix: { with: undefined, safety: "unsafe", edits: [{ kind: "text", file: crlf, replacements: [{ ...spanOf(crlf, "amd64"), text: "${TARGETARCH}" }] }] },
    },
  ],
};

/** Everything that a printer could mistake for its own. */
export const hostile: Finding = {
  rule: "hostile",
  severity: "info",
  confidence: "possible",
  message: 'a "](x) @octocat #1 <img src=x onerror=y> `a` **b** ::error::c \u001b[31m%0A" b\r\n::warning::d',
  place: at(workflow, "é\u{1F600}"),
  facts: [{ sentence: "[a](1) {0} https://example.org www.example.org @octocat #1", place: undefined }],
  when: { always: true, scenarios: [], rows: [], condition: undefined },
  log: { tool: "a</code>", lines: ["```", "::set-output name=a::b", "\u001b]0;x\u0007"] },
  cause: "</details><script>x</script>",
  remedies: [],
};

export const reportOf = (findings: readonly Finding[], more: Partial<DoctorReport> = {}): DoctorReport => ({
  root: ".",
  asOf: "2026-11-22",
  workflows: [workflow.name],
  findings,
  ignored: [],
  cut: [],
  unreached: [],
  failOn: "error",
  failed: findings.some(({ severity }) => severity === "error"),
  rules: [...new Set(findings.map(({ rule }) => rule))].map((id) => ({
    id,
    summary: `the rule ${id} [x]`,
    severity: "error",
    confidence: "certain",
    page: `docs/rules/${id}.md`,
  })),
  ...more,
});
