// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflow expressions
import { expect, test } from "vitest";
import { actionDoes } from "../../../test/harness/action-step.ts";

const CLASSIC = `version: 2
x-common: &common
  dockerfile: docker/Dockerfile
dockers:
  - <<: *common
    image_templates: ["o/a:{{ .Version }}-amd64"]
    use: buildx
    build_flag_templates: ["--platform=linux/amd64", "--label=a=b"]
  - <<: *common
    image_templates: ["o/a:{{ .Version }}-arm64"]
    build_flag_templates: ["--platform=linux/arm64"]
    skip_push: true
docker_manifests:
  - name_template: "o/a:{{ .Version }}"
    image_templates: ["o/a:{{ .Version }}-amd64", "o/a:{{ .Version }}-arm64"]
`;
const CURRENT = 'dockers_v2:\n  - images: [o/a, ghcr.io/o/a]\n    tags: ["{{ .Tag }}", latest]\n    platforms: [linux/amd64, linux/arm64]\n';
const IN = "context=${{ a folder of goreleaser's own making }}";
const AMD64 = `build through=goreleaser platforms=[linux/amd64] tags=[o/a:\${{ .Version }}-amd64] load labels=[a=b] file=docker/Dockerfile ${IN}`;
const ARM64 = `build through=docker build platforms=[linux/arm64] tags=[o/a:\${{ .Version }}-arm64] file=docker/Dockerfile ${IN}`;
const UNKNOWN = "doubt sentence=nobody knows which images goreleaser builds here about=[image]";
const TAGS = "tags=[o/a:${{ .Tag }} o/a:latest ghcr.io/o/a:${{ .Tag }} ghcr.io/o/a:latest]";

const CASES: readonly [name: string, config: string, inputs: Readonly<Record<string, string>>, wanted: readonly string[], file?: string][] = [
  [
    "dockers, pushed and put together",
    CLASSIC,
    { args: "release --clean" },
    [
      AMD64,
      "push-image tool=docker image=o/a:${{ .Version }}-amd64",
      ARM64,
      "create-index tool=docker manifest names=[o/a:${{ .Version }}] sources=[o/a:${{ .Version }}-amd64 o/a:${{ .Version }}-arm64]",
      "push-index tool=docker manifest name=o/a:${{ .Version }}",
    ],
  ],
  ["a snapshot pushes nothing", CLASSIC, { args: "release --snapshot --clean" }, [AMD64, ARM64]],
  ["publishing skipped", CLASSIC, { args: "release --skip=publish,sign" }, [AMD64, ARM64]],
  ["images skipped", CLASSIC, { args: "release --skip docker" }, []],
  ["no release", CLASSIC, { args: "build --clean" }, []],
  ["only installed", CLASSIC, { "install-only": "true" }, []],
  [
    "dockers_v2 in one build",
    CURRENT,
    { args: "release" },
    [`build through=goreleaser platforms=[linux/amd64 linux/arm64] ${TAGS} push sbom=true file=Dockerfile ${IN}`],
  ],
  [
    "dockers_v2 of a snapshot",
    CURRENT,
    { args: "release --snapshot" },
    ["linux/amd64", "linux/arm64"].map((platform) => `build through=goreleaser platforms=[${platform}] ${TAGS} load file=Dockerfile ${IN}`),
  ],
  ["another file", CURRENT, { args: "release -f conf/rel.yaml --snapshot --skip=docker" }, [], "conf/rel.yaml"],
  [
    "a folder",
    "dockers: [{image_templates: [a], dockerfile: D}]",
    { args: "release --snapshot", workdir: "./sub/" },
    [`build through=docker build tags=[a] file=sub/D ${IN}`],
    "sub/.goreleaser.yml",
  ],
  ["nothing about images", "builds: []\n", { args: "release" }, []],
  ["no file", CLASSIC, { args: "release" }, [UNKNOWN], "elsewhere.yaml"],
  ["unknown arguments", CLASSIC, { args: "${{ inputs.args }}" }, [UNKNOWN]],
  ["a file that is no YAML", "dockers: [", { args: "release" }, [UNKNOWN]],
];

test.each(CASES)("%s", (_, config, inputs, wanted, file = ".goreleaser.yaml") => {
  expect(actionDoes("goreleaser/goreleaser-action", { major: 6, with: inputs, files: { [file]: config } }).operations).toEqual(wanted);
});
