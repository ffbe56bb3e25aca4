import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { multihull, type Ran, startRegistry, temporaryFolder } from "./harness/multihull.ts";

const WORKFLOW = `on: push
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
`;

function repository(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries({ ".github/workflows/ci.yml": WORKFLOW, ...files })) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The embedded registry as Docker Hub's mirror, with an index, an image without one, and an index of one platform. */
async function hub() {
  const registry = await startRegistry(temporaryFolder());
  onTestFinished(() => registry.stop());
  const context = repository({ Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
  const env = { MULTIHULL_STORE: temporaryFolder() };
  const push = async (name: string, platforms: string): Promise<string> => {
    const ran = await multihull(["build", "--json", "--push", "--platform", platforms, "-t", `${registry.host}/team/${name}:1`, context], { env });
    return (JSON.parse(ran.stdout) as { digest: string }).digest;
  };
  const digests = {
    both: await push("both", "linux/amd64,linux/arm64"),
    amd64: await push("amd64", "linux/amd64"),
    ibm: await push("ibm", "linux/s390x,linux/ppc64le"),
  };
  const inspected = await multihull(["inspect", "--json", `${registry.host}/team/both:1`], { env });
  const [first] = (JSON.parse(inspected.stdout) as { platforms: readonly { digest: string }[] }).platforms;
  const run = (command: "doctor" | "fix", cwd: string, ...args: string[]): Promise<Ran> =>
    multihull([command, "--as-of", "2026-09-15", "--registry-mirror", `http://${registry.host}`, ...args], { cwd });
  return { ...digests, amd64OfBoth: first?.digest ?? "", run };
}

test("base images are asked for with --online, and only then", async () => {
  const { run, amd64OfBoth, both } = await hub();
  const dockerfile = `FROM team/ibm:1 AS a
FROM team/both:1 AS b
FROM team/both:1@${amd64OfBoth} AS c
COPY --from=a /Dockerfile /a
COPY --from=b /Dockerfile /b
FROM team/amd64:1
COPY --from=c /a /
COPY --from=localhost:5000/x /a /
`;
  const root = repository({ Dockerfile: dockerfile });
  const rules = ["base-image-without-platform", "base-image-of-other-platform", "digest-of-one-platform"];
  const asked = ["--format", "json", ...rules.flatMap((rule) => ["--rule", rule])];
  const found = await run("doctor", root, "--online", ...asked);
  const { findings, unreached } = JSON.parse(found.stdout) as {
    findings: readonly { rule: string; message: string; place: { line: number } }[];
    unreached: unknown;
  };
  expect(findings.map(({ rule, message, place }) => [place.line, rule, message])).toEqual([
    [1, rules[0], '"team/ibm:1" has no image for linux/amd64 and linux/arm64, for which this stage is built'],
    [3, rules[2], 'the digest of "team/both:1" is that of its image for linux/amd64 alone, and this stage is built for linux/arm64'],
    [6, rules[1], '"team/amd64:1" is an image for linux/amd64 alone, and this stage is built for linux/arm64'],
  ]);
  expect(unreached).toEqual([{ image: "localhost:5000/x:latest", why: '"localhost:5000" is the runner\'s own registry' }]);
  expect([found.status, found.stderr]).toEqual([1, ""]);

  const text = await run("doctor", root, "--online", ...asked.slice(2));
  expect(text.stdout).toContain(
    "    | failed to solve: team/ibm:1: failed to resolve source metadata for docker.io/team/ibm:1: no match for platform in manifest: not found\n",
  );
  expect(text.stdout).toContain('note: nothing is known of the base image "localhost:5000/x:latest": ');

  const offline = await run("doctor", root, ...asked);
  expect([JSON.parse(offline.stdout), offline.status]).toMatchObject([{ findings: [], unreached: [] }, 0]);

  const mended = await run("fix", root, "--online", "--write", "--rule", "digest-of-one-platform");
  expect(mended.stdout).toContain("wrote 1 fix in 1 file");
  expect(readFileSync(join(root, "Dockerfile"), "utf8")).toBe(dockerfile.replace(amd64OfBoth, both));
});

test("what is not there is a note, and no finding", async () => {
  const root = repository({ Dockerfile: "FROM registry.invalid/a/b:1\nCOPY . /\n" });
  const ran = await multihull(["doctor", "--as-of", "2026-09-15", "--online", "--registry-mirror", "registry.invalid=http://127.0.0.1:1"], { cwd: root });
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toMatch(/^note: nothing is known of the base image "registry\.invalid\/a\/b:1": .*registry\.invalid/m);
});
