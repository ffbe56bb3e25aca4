// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflow expressions
import { describe, expect, test } from "vitest";
import { actionDoes, type bareEnvironment, type GivenStep } from "../../../test/harness/action-step.ts";
import { describedActions, isHarmless } from "../../facts/actions.ts";
import type { Builder } from "../environment.ts";
import { actionModelFor } from "./registry.ts";

type Case = readonly [name: string, action: string, step: GivenStep, operations: readonly string[], outputs?: Readonly<Record<string, string>>];

const run = (cases: readonly Case[]): void => {
  test.each(cases.map((one) => [one[0], one] as const))("%s", (_, [, action, step, operations, outputs]) => {
    const done = actionDoes(action, step);
    expect(done.operations).toEqual(operations);
    if (outputs !== undefined) expect(done.outputs).toEqual(outputs);
  });
};

const BUILDER = "create-builder driver=docker-container name=builder-…x use";
const named = (name: string, certain: boolean): Partial<ReturnType<typeof bareEnvironment>> => ({
  builders: new Map([[name, { name, certain } as Builder]]),
});

describe("docker/setup-buildx-action", () => {
  const action = "docker/setup-buildx-action";
  run([
    ["without inputs", action, { major: 4 }, [BUILDER], { name: "builder-…x", driver: "docker-container" }],
    ["at a branch", action, {}, [BUILDER]],
    ["driver docker makes none", action, { major: 3, with: { driver: "docker" } }, [], { name: "default", driver: "docker" }],
    [
      "driver docker in another context",
      action,
      { major: 3, with: { driver: "docker" }, environment: { context: "setup-docker-action" } },
      [],
      { name: "setup-docker-action", driver: "docker" },
    ],
    [
      "driver docker of v1 says default",
      action,
      { major: 1, with: { driver: "docker" }, environment: { context: "other" } },
      [],
      { name: "default", driver: "docker" },
    ],
    [
      "a driver nobody knows yet",
      action,
      { major: 3, with: { driver: "${{ matrix.driver }}" } },
      ["create-builder driver=unknown name=builder-…x use"],
      { name: "builder-…x" },
    ],
    ["not made current", action, { major: 3, with: { use: "false" } }, ["create-builder driver=docker-container name=builder-…x"]],
    ["installed as docker build", action, { major: 3, with: { install: "true" } }, [BUILDER, "install-buildx"]],
    ["install is no input any more", action, { major: 4, with: { install: "true" } }, [BUILDER]],
    [
      "everything",
      action,
      {
        major: 3,
        with: {
          name: "mine",
          endpoint: "tcp://h:1",
          "driver-opts": 'network=host\n"env.A=a,b"',
          platforms: "linux/amd64,linux/arm64",
          "buildkitd-config-inline": "debug = true",
          "keep-state": "true",
          version: "v0.12.1",
        },
      },
      [
        'create-builder driver=docker-container name=mine endpoint=tcp://h:1 driverOptions=[network=host "env.A=a,b"] platforms=[linux/amd64 linux/arm64] use config=debug = true keepState buildxVersion=v0.12.1',
      ],
      { name: "mine", driver: "docker-container" },
    ],
    ["a configuration in a file is not known", action, { major: 2, with: { config: ".github/buildkitd.toml" } }, [`${BUILDER} config=?`]],
    [
      "the quotes of options counted until v2",
      action,
      { major: 2, with: { "driver-opts": '"env.A=a,b"' } },
      ["create-builder driver=docker-container name=builder-…x driverOptions=[env.A=a,b] use"],
    ],
    [
      "appended nodes",
      action,
      { major: 3, with: { append: "- endpoint: ssh://arm\n  platforms: linux/arm64,linux/arm/v7\n- endpoint: ${{ vars.NODE }}\n  driver-opts:\n    - a=b\n" } },
      [
        BUILDER,
        "create-builder driver=docker-container name=builder-…x endpoint=ssh://arm platforms=[linux/arm64 linux/arm/v7] append",
        "create-builder driver=docker-container name=builder-…x endpoint=${{ vars.NODE }} driverOptions=[a=b] append",
      ],
    ],
    [
      "appended nodes that nobody can read",
      action,
      { major: 3, with: { append: "${{ vars.NODES }}" } },
      [BUILDER, "create-builder driver=docker-container name=builder-…x platforms=[…] append"],
    ],
    ["a builder of that name is taken as it is", action, { major: 3, with: { name: "mine" }, environment: named("mine", true) }, []],
    [
      "a builder of that name that may not be there",
      action,
      { major: 3, with: { name: "mine" }, environment: named("mine", false) },
      ["create-builder driver=docker-container name=mine use"],
    ],
  ]);
});

describe("docker/setup-docker-action", () => {
  const action = "docker/setup-docker-action";
  const sock = "unix:///home/runner/setup-docker-action/run-x/docker.sock";
  run([
    ["without inputs", action, { major: 4 }, ["start-daemon context=setup-docker-action version=latest"], { sock }],
    ["a version", action, { major: 4, with: { version: "v28.1.1" } }, ["start-daemon context=setup-docker-action version=28.1.1"]],
    ["a version among others", action, { major: 4, with: { version: "version=27.5,channel=test" } }, ["start-daemon context=setup-docker-action version=27.5"]],
    ["an image", action, { major: 4, with: { version: "type=image,tag=28" } }, ["start-daemon context=setup-docker-action version=28"]],
    ["an image of a branch", action, { major: 4, with: { version: "type=image,tag=master" } }, ["start-daemon context=setup-docker-action"]],
    ["an unknown version", action, { major: 4, with: { version: "${{ matrix.docker }}" } }, ["start-daemon context=setup-docker-action"]],
    [
      "the containerd image store",
      action,
      { major: 4, with: { "daemon-config": '{"features":{"containerd-snapshotter":true}}' } },
      ['start-daemon context=setup-docker-action version=latest config={"features":{"containerd-snapshotter":true}}'],
    ],
    [
      "an unknown configuration",
      action,
      { major: 4, with: { "daemon-config": "${{ vars.C }}" } },
      ["start-daemon context=setup-docker-action version=latest config=?"],
    ],
    [
      "context, rootless, port, host",
      action,
      { major: 5, with: { context: "mine", rootless: "true", "tcp-port": "2375", "set-host": "true" } },
      ["start-daemon context=mine version=latest rootless", `set-variable name=DOCKER_HOST value=${sock}`],
      { sock, tcp: "tcp://127.0.0.1:2375" },
    ],
    ["the context that it refuses", action, { major: 4, with: { context: "default" } }, []],
    [
      "under its former name",
      "crazy-max/ghaction-setup-docker",
      { major: 3, with: { version: "24.0.7" } },
      ["start-daemon context=setup-docker-action version=24.0.7"],
    ],
  ]);
});

describe("docker/setup-qemu-action", () => {
  const action = "docker/setup-qemu-action";
  const image = "image=docker.io/tonistiigi/binfmt:latest";
  run([
    ["without inputs", action, { major: 3 }, [`install-emulators architectures=all ${image}`]],
    ["words", action, { major: 3, with: { platforms: "arm64,arm, riscv64" } }, [`install-emulators architectures=[arm64 arm riscv64] ${image}`]],
    [
      "platforms and aliases",
      action,
      { major: 3, with: { platforms: "linux/arm64,linux/arm/v7,aarch64,i386,arm/v6" } },
      [`install-emulators architectures=[arm64 arm 386] ${image}`],
    ],
    ["a word nobody knows", action, { major: 3, with: { platforms: "Mips64n32" } }, [`install-emulators architectures=[mips64n32] ${image}`]],
    ["an unknown list", action, { major: 3, with: { platforms: "${{ inputs.p }}" } }, [`install-emulators ${image}`]],
    [
      "another image, in v2",
      action,
      { major: 2, with: { image: "tonistiigi/binfmt:qemu-v8.1.5" } },
      ["install-emulators architectures=all image=tonistiigi/binfmt:qemu-v8.1.5"],
    ],
    ["an empty list is all", action, { major: 3, with: { platforms: "" } }, [`install-emulators architectures=all ${image}`]],
  ]);
});

describe("log-ins", () => {
  run([
    [
      "Docker Hub",
      "docker/login-action",
      { major: 3, with: { username: "u", password: "${{ secrets.P }}" } },
      ["log-in username=u password=${{ secrets.P }} tool=docker"],
    ],
    [
      "a registry",
      "docker/login-action",
      { major: 3, with: { registry: "ghcr.io", username: "${{ github.actor }}", password: "p" } },
      ["log-in registry=ghcr.io username=${{ github.actor }} password=p tool=docker"],
    ],
    [
      "credentials that the run does not get",
      "docker/login-action",
      { major: 3, with: { username: "", password: "" } },
      ["log-in username= password= tool=docker"],
    ],
    [
      "several registries",
      "docker/login-action",
      {
        major: 3,
        with: { "registry-auth": "- username: u\n  password: ${{ secrets.A }}\n- registry: ghcr.io\n  username: v\n  password: ${{ secrets.B }}\n" },
      },
      ["log-in username=u password=${{ secrets.A }} tool=docker", "log-in registry=ghcr.io username=v password=${{ secrets.B }} tool=docker"],
    ],
    [
      "registries nobody knows",
      "docker/login-action",
      { major: 3, with: { "registry-auth": "${{ secrets.ALL }}" } },
      ["log-in registry=${{ secrets.ALL }} tool=docker"],
    ],
    [
      "podman",
      "redhat-actions/podman-login",
      { with: { registry: "quay.io", username: "u", password: "p" } },
      ["log-in registry=quay.io username=u password=p tool=podman"],
    ],
    [
      "Azure",
      "azure/docker-login",
      { with: { "login-server": "a.azurecr.io", username: "u", password: "p" } },
      ["log-in registry=a.azurecr.io username=u password=p tool=docker"],
    ],
    [
      "Amazon",
      "aws-actions/amazon-ecr-login",
      { major: 2 },
      ["log-in registry=${{ steps.x.outputs.registry }} username=AWS tool=docker"],
      { registry: "${{ steps.x.outputs.registry }}" },
    ],
    [
      "Amazon, public",
      "aws-actions/amazon-ecr-login",
      { major: 2, with: { "registry-type": "public" } },
      ["log-in registry=public.ecr.aws username=AWS tool=docker"],
      { registry: "public.ecr.aws" },
    ],
  ]);
});

describe("docker/build-push-action", () => {
  const action = "docker/build-push-action";
  const build = "build through=docker/build-push-action";
  run([
    ["without inputs: the git context", action, { major: 6 }, [`${build} gitContext`]],
    ["a context", action, { major: 6, with: { context: "." } }, [`${build} context=.`]],
    [
      "a folder of the git context",
      action,
      { major: 6, with: { context: "{{defaultContext}}:docker" } },
      [`${build} context={{defaultContext}}:docker gitContext`],
    ],
    [
      "platforms, tags, push",
      action,
      { major: 6, with: { context: ".", platforms: "linux/amd64,linux/arm64", tags: "ghcr.io/o/a:1\nghcr.io/o/a:latest", push: "true" } },
      [`${build} platforms=[linux/amd64 linux/arm64] tags=[ghcr.io/o/a:1 ghcr.io/o/a:latest] push context=.`],
    ],
    ["push that hangs on something", action, { major: 6, with: { context: ".", push: "${{ inputs.push }}" } }, [`${build} push=? context=.`]],
    [
      "outputs, caches, attestations",
      action,
      {
        major: 6,
        with: {
          context: ".",
          outputs: "type=image,name=a,push-by-digest=true",
          "cache-to": "type=gha,mode=max",
          "cache-from": "type=gha",
          provenance: "mode=max",
          sbom: "true",
          attests: "type=sbom,a=b",
          annotations: "manifest:a=b",
          labels: "a=b",
          builder: "${{ steps.buildx.outputs.name }}",
          load: "true",
          file: "docker/Dockerfile",
          target: "app",
          "build-args": "A=1\nB=x,y",
          "build-contexts": "base=docker-image://a",
          secrets: "a=b",
          "secret-envs": "c=D",
          "secret-files": "e=./f",
          network: "host",
          allow: "network.host",
        },
      },
      [
        `${build} builder=\${{ steps.buildx.outputs.name }} load outputs=[type=image,name=a,push-by-digest=true] cacheTo=[type=gha,mode=max] cacheFrom=[type=gha] provenance=mode=max sbom=true attests=[type=sbom,a=b] annotations=[manifest:a=b] labels=[a=b] file=docker/Dockerfile context=. stage=app buildArgs=[A=1 B=x,y] buildContexts=[base=docker-image://a] secrets=[a=b c=D e=./f] network=host allow=[network.host]`,
      ],
    ],
    ["checks only", action, { major: 6, with: { context: ".", call: "check" } }, [`${build} context=. onlyAsks`]],
    ["call: build is a build", action, { major: 6, with: { context: ".", call: "build" } }, [`${build} context=.`]],
    [
      "v1 logs in, runs docker build and pushes; it knows no platforms",
      action,
      {
        major: 1,
        with: { repository: "o/a", registry: "ghcr.io", username: "u", password: "p", tags: "1,2", platforms: "linux/amd64,linux/arm64", dockerfile: "D" },
      },
      [
        "log-in registry=ghcr.io username=u password=p tool=docker",
        "build through=docker build tags=[ghcr.io/o/a:1 ghcr.io/o/a:2] file=D context=.",
        "push-image tool=docker image=ghcr.io/o/a:1",
        "push-image tool=docker image=ghcr.io/o/a:2",
      ],
    ],
    [
      "v1 with tags of its own making",
      action,
      { major: 1, with: { repository: "o/a", tag_with_ref: "true", push: "false" } },
      ["build through=docker build tags=[…] context=."],
    ],
    ["v1 without tags", action, { major: 1, with: { repository: "o/a", push: "false" } }, ["build through=docker build tags=[o/a:latest] context=."]],
  ]);
});

describe("builders of others", () => {
  const platforms = "linux/amd64,linux/arm64";
  run([
    [
      "docker-practice/actions-setup-docker: emulators and a builder",
      "docker-practice/actions-setup-docker",
      { with: { docker_version: "20.10", docker_daemon_json: "{}" } },
      [
        "start-daemon config={} store=unknown",
        "install-emulators architectures=all image=ghcr.io/dpsigs/tonistiigi-binfmt:latest",
        "create-builder driver=docker-container name=mybuilder driverOptions=[image=ghcr.io/dpsigs/moby-buildkit:master] use",
      ],
    ],
    [
      "docker-practice/actions-setup-docker without Buildx",
      "docker-practice/actions-setup-docker",
      { with: { docker_buildx: "false", docker_daemon_json: "{}" } },
      ["start-daemon config={} store=unknown"],
    ],
    [
      "crazy-max/ghaction-docker-buildx",
      "crazy-max/ghaction-docker-buildx",
      { major: 3 },
      ["install-emulators architectures=all", `${BUILDER} buildxVersion=latest`],
    ],
    ["depot's command line alone", "depot/setup-action", { major: 1 }, []],
    [
      "depot for Docker",
      "depot/setup-action",
      { major: 1, with: { "configure-docker": "true" } },
      ["create-builder driver=remote name=depot-x use", "install-buildx"],
    ],
    [
      "depot, perhaps",
      "depot/setup-action",
      { major: 1, with: { "configure-docker": "${{ inputs.d }}" } },
      ["doubt sentence=depot/setup-action may have sent Docker's builds to Depot about=[builder]"],
    ],
    [
      "depot builds",
      "depot/build-push-action",
      { major: 1, with: { context: ".", platforms, push: "true" } },
      ["build through=other platforms=[linux/amd64 linux/arm64] push context=."],
    ],
    [
      "Namespace",
      "namespacelabs/nscloud-setup-buildx-action",
      { major: 0 },
      [
        "create-builder driver=remote name=nsc-…x driverOptions=[default-load=true] platforms=[linux/amd64] use",
        "create-builder driver=remote name=nsc-…x driverOptions=[default-load=true] platforms=[linux/arm64] append",
      ],
    ],
    ["Blacksmith's builder", "useblacksmith/setup-docker-builder", { major: 1 }, ["create-builder driver=remote name=blacksmith-x use buildxVersion=v0.23.0"]],
    ["Blacksmith's build, v2", "useblacksmith/build-push-action", { major: 2, with: { context: "." } }, ["build through=docker/build-push-action context=."]],
    [
      "Blacksmith's build, v1",
      "useblacksmith/build-push-action",
      { major: 1, with: { context: ".", platforms } },
      [
        "create-builder driver=remote name=blacksmith-x platforms=[linux/amd64 linux/arm64] use buildxVersion=v0.23.0",
        "build through=docker/build-push-action platforms=[linux/amd64 linux/arm64] context=.",
      ],
    ],
    [
      "elgohr/Publish-Docker-Github-Action with platforms",
      "elgohr/publish-docker-github-action",
      { major: 5, with: { name: "o/a", registry: "ghcr.io", username: "u", password: "p", tags: "1,latest", platforms } },
      [
        "log-in registry=ghcr.io username=u password=p tool=docker",
        "build through=docker buildx build platforms=[linux/amd64 linux/arm64] tags=[ghcr.io/o/a:1 ghcr.io/o/a:latest] push context=.",
      ],
    ],
    [
      "elgohr/Publish-Docker-Github-Action without",
      "elgohr/publish-docker-github-action",
      { major: 5, with: { name: "ghcr.io/o/a", registry: "ghcr.io", username: "u", password: "p", tags: "1", workdir: "sub", dockerfile: "D" } },
      [
        "log-in registry=ghcr.io username=u password=p tool=docker",
        "build through=docker build tags=[ghcr.io/o/a:1] file=sub/D context=sub/.",
        "push-image tool=docker image=ghcr.io/o/a:1",
      ],
    ],
    [
      "mr-smithers-excellent/docker-build-push with several platforms",
      "mr-smithers-excellent/docker-build-push",
      { major: 7, with: { image: "a", registry: "r", tags: "1", multiPlatform: "true", platform: platforms, username: "u", password: "p" } },
      [
        "log-in registry=r username=u password=p tool=docker",
        BUILDER,
        "build through=docker buildx build platforms=[linux/amd64 linux/arm64] tags=[r/a:1] push file=Dockerfile context=.",
      ],
    ],
    [
      "mr-smithers-excellent/docker-build-push with one",
      "mr-smithers-excellent/docker-build-push",
      { major: 7, with: { image: "a", registry: "r", tags: "1", platform: "linux/arm64", skipLogin: "true" } },
      ["build through=docker build platforms=[linux/arm64] tags=[r/a:1] file=Dockerfile context=.", "push-image tool=docker image=r/a:1"],
    ],
    [
      "cloudposse/github-action-docker-build-push",
      "cloudposse/github-action-docker-build-push",
      { major: 2, with: { organization: "o", repository: "a", registry: "r", login: "u", password: "p", platforms } },
      [
        "create-context name=buildx-context",
        "install-emulators architectures=all image=public.ecr.aws/eks-distro-build-tooling/binfmt-misc:qemu-v7.0.0",
        "create-builder driver=docker-container name=builder-…x endpoint=buildx-context driverOptions=[image=public.ecr.aws/vend/moby/buildkit:buildx-stable-1] use",
        "log-in registry=r username=u password=p tool=docker",
        "build through=docker/build-push-action platforms=[linux/amd64 linux/arm64] tags=[…] push cacheTo=[type=gha,mode=max] cacheFrom=[type=gha] file=./Dockerfile context=.",
      ],
      { image: "r/o/a" },
    ],
  ]);
});

describe("buildah and podman", () => {
  run([
    [
      "several platforms make a manifest",
      "redhat-actions/buildah-build",
      { major: 2, with: { image: "a", tags: "1 latest", platforms: "linux/amd64, linux/arm64", containerfiles: "./Containerfile", "build-args": "A=1\nB=2" } },
      ["build through=buildah platforms=[linux/amd64 linux/arm64] tags=[a:1 a:latest] file=./Containerfile context=. buildArgs=[A=1 B=2] manifest=a:1"],
      { image: "a", tags: "1 latest", "image-with-tag": "a:1" },
    ],
    [
      "architectures",
      "redhat-actions/buildah-build",
      { major: 2, with: { image: "a", archs: "amd64,arm64", dockerfiles: "D" } },
      ["build through=buildah platforms=[linux/amd64 linux/arm64] tags=[a:latest] file=D context=. manifest=a:latest"],
    ],
    [
      "one",
      "redhat-actions/buildah-build",
      { major: 2, with: { tags: "q.io/a:1", arch: "arm64", dockerfiles: "D" } },
      ["build through=buildah platforms=[linux/arm64] tags=[q.io/a:1] file=D context=."],
    ],
    [
      "from scratch",
      "redhat-actions/buildah-build",
      { major: 2, with: { image: "a", "base-image": "alpine" } },
      ["build through=buildah tags=[a:latest] inline=FROM alpine\\n context=."],
    ],
    [
      "push",
      "redhat-actions/push-to-registry",
      { major: 2, with: { image: "a", tags: "1 2", registry: "quay.io/o/", username: "u", password: "p" } },
      [
        "log-in registry=quay.io/o/ username=u password=p tool=podman",
        "push-image tool=podman image=quay.io/o/a:1",
        "push-image tool=podman image=quay.io/o/a:2",
      ],
      { "registry-path": "quay.io/o/a:1" },
    ],
  ]);
});

describe("files, artifacts, images", () => {
  run([
    ["checkout", "actions/checkout", { major: 4, with: { path: "src", ref: "${{ inputs.ref }}" } }, ["check-out ref=${{ inputs.ref }} path=src"]],
    ["upload", "actions/upload-artifact", { major: 4, with: { path: "x" } }, ["upload-artifact name=artifact"]],
    [
      "upload by name",
      "actions/upload-artifact",
      { major: 4, with: { name: "digests-${{ matrix.a }}", overwrite: "true" } },
      ["upload-artifact name=digests-${{ matrix.a }} overwrite"],
    ],
    ["download", "actions/download-artifact", { major: 4, with: { pattern: "digests-*" } }, ["download-artifact pattern=digests-*"]],
    [
      "attestation",
      "actions/attest-build-provenance",
      { major: 3, with: { "subject-name": "r/a", "subject-digest": "${{ steps.b.outputs.digest }}" } },
      ["sign-image tool=attest-build-provenance images=[r/a@${{ steps.b.outputs.digest }}]"],
    ],
    ["attestation of files", "actions/attest-build-provenance", { major: 3, with: { "subject-path": "dist/*" } }, []],
    [
      "an index by imagetools",
      "noelware/docker-manifest-action",
      { major: 1, with: { inputs: "a:1,a:2", tags: "a:3" } },
      ["create-index tool=imagetools names=[a:3] sources=[a:1 a:2] pushes"],
    ],
    [
      "an index by docker manifest",
      "noelware/docker-manifest-action",
      { major: 0, with: { "base-image": "a:3", "extra-images": "a:1,a:2", push: "true" } },
      ["create-index tool=docker manifest names=[a:3] sources=[a:1 a:2]", "push-index tool=docker manifest name=a:3"],
    ],
    ["Cloud Run", "google-github-actions/deploy-cloudrun", { with: { image: "r/a" } }, ["deploy to=cloud-run image=r/a"]],
  ]);
});

describe("docker/bake-action", () => {
  test("bakes what it is told to, of a definition that is at hand", () => {
    const files = { "docker-bake.json": JSON.stringify({ target: { default: { platforms: ["linux/amd64", "linux/arm64"], tags: ["a:1"] } } }) };
    const { operations } = actionDoes("docker/bake-action", { major: 6, with: { source: ".", push: "true" }, files });
    expect(operations).toEqual([
      expect.stringMatching(/^build through=docker\/bake-action name=default .*platforms=\[linux\/amd64 linux\/arm64\] tags=\[a:1\].* push/),
    ]);
  });
});

test("every action of the table that sets up, builds, logs in, pushes or merges has a model", () => {
  const without = describedActions().filter(({ name, role }) => role !== "other" && actionModelFor(name) === undefined);
  expect(without.map(({ name }) => name)).toEqual([]);
});

test("what has a model and may change builders is not called harmless", () => {
  const both = describedActions().filter(({ name, role }) => ["builds", "sets-up", "logs-in"].includes(role) && isHarmless(name) !== undefined);
  expect(both.map(({ name }) => name)).toEqual([]);
});
