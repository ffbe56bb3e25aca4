import { describe, expect, test } from "vitest";
import { builderFact, hostFacts, nodeFact, untold } from "../../test/harness/host-facts.ts";
import type { BuildAsk } from "./build-ask.ts";
import type { BuilderFact, HostFacts } from "./facts.ts";
import { type BuildPrediction, predictBuild } from "./predict.ts";

const BOTH: BuildAsk = { platforms: ["linux/amd64", "linux/arm64"] };
const REFUSAL = [
  "ERROR: failed to build: Multi-platform build is not supported for the docker driver.",
  "Switch to a different driver, or turn on the containerd image store, and try again.",
  "Learn more at https://docs.docker.com/go/build-multi-platform/",
];
const team = builderFact("team", "remote", { endpoint: "tcp://10.0.0.2:1234", platforms: ["linux/amd64", "linux/arm64"] });
const chosen = (builder: BuilderFact): HostFacts => hostFacts({ builders: [builder], selected: { builder: builder.name, chosenBy: "selection" } });
const DEAD = "nothing answers at tcp://10.0.0.3:1234";
const halfDead: BuilderFact = {
  ...team,
  nodes: [
    nodeFact({ name: "team0", declared: ["linux/amd64"], platforms: ["linux/amd64", "linux/386"] }),
    nodeFact({ name: "team1", endpoint: "tcp://10.0.0.3:1234", declared: ["linux/arm64"], platforms: ["linux/arm64"], status: "unreachable", problem: DEAD }),
  ],
};
const socket = { context: undefined, address: "unix:///run/d.sock", chosenBy: "DOCKER_HOST" } as const;
const noBuildx = untold("Buildx is not installed", "install it");

interface Case {
  readonly facts: HostFacts;
  readonly ask?: Partial<BuildAsk>;
  readonly verdict: BuildPrediction["verdict"];
  readonly message: string;
  /** Default: nothing is printed. */
  readonly lines?: readonly string[];
  /** Commands of the remedies; where there is none, the title. */
  readonly helps?: readonly string[];
}

const OURS = "multihull build --platform linux/amd64,linux/arm64 .";
const BY_BUILDX = "multihull fix --host --with buildx --write";
const BY_CONTAINERD = "multihull fix --host --with containerd --write";
const REFUSED = "the docker driver cannot build 2 platforms at once, and";

const CASES: Readonly<Record<string, Case>> = {
  "classic store": {
    facts: hostFacts(),
    verdict: "refused",
    message: `${REFUSED} no other builder is made`,
    lines: REFUSAL,
    helps: [BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "classic store, one foreign platform": {
    facts: hostFacts(),
    ask: { platforms: ["linux/arm64"] },
    verdict: "accepted",
    message: 'builder "default" (docker) takes it',
  },
  "classic store, an older Buildx": {
    facts: hostFacts({ buildx: "0.12.0" }),
    verdict: "refused",
    message: `${REFUSED} no other builder is made`,
    lines: [REFUSAL[0]?.replace("failed to build: ", "") ?? "", ...REFUSAL.slice(1)],
    helps: [BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "classic store, and a builder that is not chosen": {
    facts: hostFacts({ builders: [team] }),
    verdict: "refused",
    message: `${REFUSED} the builder that was made is not chosen`,
    lines: REFUSAL,
    helps: ["docker buildx build --builder team --platform linux/amd64,linux/arm64 .", BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "a dead builder is no way out": {
    facts: hostFacts({ builders: [halfDead] }),
    verdict: "refused",
    message: `${REFUSED} the builder that was made is not chosen`,
    lines: REFUSAL,
    helps: [BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "the own builder by its name": {
    facts: chosen(team),
    ask: { builder: "default" },
    verdict: "refused",
    message: `${REFUSED} the build names it: "default"`,
    lines: REFUSAL,
    helps: ["docker buildx build --builder team --platform linux/amd64,linux/arm64 .", BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "the own builder by BUILDX_BUILDER": {
    facts: hostFacts({ selected: { builder: "default", chosenBy: "BUILDX_BUILDER" } }),
    verdict: "refused",
    message: `${REFUSED} BUILDX_BUILDER names it: "default"`,
    lines: REFUSAL,
    helps: [BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "docker build passes a chosen builder by": {
    facts: chosen(team),
    ask: { through: "docker build" },
    verdict: "refused",
    message: `${REFUSED} \`docker build\` does not take the builder that was set up`,
    lines: REFUSAL,
    helps: ["docker buildx build --builder team --platform linux/amd64,linux/arm64 .", BY_BUILDX, BY_CONTAINERD, OURS],
  },
  "Docker Desktop has settings of its own": {
    facts: hostFacts({ daemon: { product: "Docker Desktop" } }),
    verdict: "refused",
    message: `${REFUSED} no other builder is made`,
    lines: REFUSAL,
    helps: [BY_BUILDX, "turn on Docker's containerd image store in the settings of Docker Desktop", OURS],
  },
  "the classic builder": {
    facts: hostFacts(),
    ask: { through: "docker build", variables: { DOCKER_BUILDKIT: "0" } },
    verdict: "refused",
    message: "Docker's classic builder builds one platform only",
    lines: [
      "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.",
      "            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0",
      "            environment-variable.",
      "",
      'Error response from daemon: "amd64,linux" is an invalid component of "linux/amd64,linux/arm64": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
    ],
    helps: [BY_BUILDX, OURS],
  },
  "containerd store": { facts: hostFacts({ daemon: { store: "containerd" } }), verdict: "accepted", message: 'builder "default" (docker) takes it' },
  "a chosen docker-container builder": {
    facts: chosen(builderFact("mine", "docker-container", { status: "inactive", platforms: [] })),
    verdict: "accepted",
    message: 'builder "mine" (docker-container) takes it',
  },
  "a chosen docker-container builder that loads into a classic store": {
    facts: chosen(builderFact("mine", "docker-container")),
    ask: { load: true },
    verdict: "refused",
    message: "an image of 2 platforms cannot be loaded into Docker's classic image store",
    lines: ["ERROR: failed to build: docker exporter does not currently support exporting manifest lists"],
    helps: [BY_CONTAINERD, OURS],
  },
  "a remote builder": { facts: chosen(team), verdict: "accepted", message: 'builder "team" (remote) takes it' },
  "a remote builder needs no daemon": {
    facts: hostFacts({ builders: [team], selected: { builder: "team", chosenBy: "selection" } }, { daemon: untold("no daemon answers", "start it") }),
    verdict: "accepted",
    message: 'builder "team" (remote) takes it',
  },
  "several nodes": {
    facts: chosen({ ...halfDead, nodes: halfDead.nodes.map((node) => ({ ...node, status: "running", problem: undefined })) }),
    verdict: "accepted",
    message: 'builder "team" (remote) takes it',
  },
  "a dead node": {
    facts: chosen(halfDead),
    verdict: "refused",
    message: `builder "team" cannot build it: node "team1": ${DEAD}`,
    lines: ["ERROR: failed to build: context deadline exceeded"],
    helps: [
      "start BuildKit at tcp://10.0.0.3:1234 again, or look at what lies between: docker buildx inspect team",
      "choose another builder: docker buildx use NAME",
      OURS,
    ],
  },
  "a dead node that is not needed": {
    facts: chosen(halfDead),
    ask: { platforms: ["linux/amd64"] },
    verdict: "accepted",
    message: 'builder "team" (remote) takes it',
  },
  "a platform that no node declares needs all of them": {
    facts: chosen(halfDead),
    ask: { platforms: ["linux/386"] },
    verdict: "refused",
    message: `builder "team" cannot build it: node "team1": ${DEAD}`,
    lines: ["ERROR: failed to build: context deadline exceeded"],
    helps: [
      "start BuildKit at tcp://10.0.0.3:1234 again, or look at what lies between: docker buildx inspect team",
      "choose another builder: docker buildx use NAME",
      "multihull build --platform linux/386 .",
    ],
  },
  "a container whose daemon is gone": {
    facts: chosen(
      builderFact("mine", "docker-container", {
        status: "unreachable",
        problem: "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
      }),
    ),
    verdict: "refused",
    message: 'builder "mine" cannot build it: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
    lines: ["ERROR: failed to build: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?"],
    helps: [
      "start Docker at unix:///var/run/docker.sock again, or look at what lies between: docker buildx inspect mine",
      "choose another builder: docker buildx use NAME",
      OURS,
    ],
  },
  "a builder that nobody made": {
    facts: hostFacts(),
    ask: { builder: "gone" },
    verdict: "refused",
    message: 'there is no builder "gone"',
    lines: ['ERROR: no builder "gone" found'],
    helps: ["do not name a builder", OURS],
  },
  "a push without a tag": {
    facts: chosen(team),
    ask: { push: true },
    verdict: "refused",
    message: "the build pushes, and has no tag",
    lines: ["ERROR: failed to build: tag is needed when pushing to registry"],
    helps: ["give the image a name: --tag"],
  },
  "no Docker command": {
    facts: hostFacts({}, { cli: untold("there is no docker program on PATH", "install Docker") }),
    verdict: "refused",
    message: "there is no docker program on PATH",
    helps: ["install Docker", OURS],
  },
  "no Buildx": {
    facts: hostFacts({}, { buildx: noBuildx }),
    verdict: "refused",
    message: "Buildx is not installed",
    lines: ["unknown flag: --platform", "", "Usage:  docker [OPTIONS] COMMAND [ARG...]", "", "Run 'docker --help' for more information"],
    helps: ["install it", OURS],
  },
  "no Buildx for docker build": {
    facts: hostFacts({}, { buildx: noBuildx }),
    ask: { through: "docker build" },
    verdict: "refused",
    message: "Buildx is not installed",
    lines: [
      "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.",
      "            Install the buildx component to build images with BuildKit:",
      "            https://docs.docker.com/go/buildx/",
      "",
      'Error response from daemon: "amd64,linux" is an invalid component of "linux/amd64,linux/arm64": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
    ],
    helps: ["install it", OURS],
  },
  "a broken Buildx": {
    facts: hostFacts({}, { buildx: untold("Buildx said no version", "install it anew", "broken") }),
    verdict: "unknown",
    message: "Buildx said no version",
    helps: ["install it anew", OURS],
  },
  "daemon down": {
    facts: hostFacts({ endpoint: socket }, { daemon: untold("no daemon answers", "start it") }),
    verdict: "refused",
    message: "no daemon answers",
    lines: ["ERROR: Cannot connect to the Docker daemon at unix:///run/d.sock. Is the docker daemon running?"],
    helps: ["start it", OURS],
  },
  "daemon that hangs": {
    facts: hostFacts({ endpoint: socket }, { daemon: untold("no answer within 4 s", "start it anew", "silent") }),
    verdict: "unknown",
    message: "no answer within 4 s",
    helps: ["start it anew", OURS],
  },
  "no permission": {
    facts: hostFacts({ endpoint: socket }, { daemon: untold("you may not talk to the daemon", "join the group docker", "refused") }),
    verdict: "refused",
    message: "you may not talk to the daemon",
    lines: [
      'ERROR: permission denied while trying to connect to the Docker daemon socket at unix:///run/d.sock: Head "http://%2Frun%2Fd.sock/_ping": dial unix /run/d.sock: connect: permission denied',
    ],
    helps: ["join the group docker", OURS],
  },
  "no permission, in newer words": {
    facts: hostFacts({ endpoint: socket, buildx: "0.30.1" }, { daemon: untold("you may not talk to the daemon", "join the group docker", "refused") }),
    verdict: "refused",
    message: "you may not talk to the daemon",
    lines: ["ERROR: permission denied while trying to connect to the docker API at unix:///run/d.sock"],
    helps: ["join the group docker", OURS],
  },
  "unknown choice of a builder": {
    facts: hostFacts({}, { selected: untold("the file cannot be read", "give yourself the right", "refused") }),
    verdict: "unknown",
    message: `it may be refused (${REFUSED} no other builder is made): nobody knows which builder is chosen: the file cannot be read`,
    lines: REFUSAL,
    helps: [BY_BUILDX, BY_CONTAINERD, OURS],
  },
};

describe("what Docker would say", () => {
  test.each(Object.entries(CASES))("%s", (_name, { facts, ask = {}, verdict, message, lines, helps = [] }) => {
    const predicted = predictBuild(facts, { ...BOTH, ...ask });
    expect({ verdict: predicted.verdict, message: predicted.message, lines: predicted.log?.lines }).toEqual({ verdict, message, lines });
    expect(predicted.remedies.map(({ command, title }) => command ?? title)).toEqual(helps);
    expect(predicted.facts.every(({ place }) => place === undefined)).toBe(true);
  });
});

test("the chain of the classic store", () => {
  expect(predictBuild(hostFacts({ endpoint: socket }), BOTH)).toMatchObject({
    command: "docker buildx build --platform linux/amd64,linux/arm64 .",
    builder: { name: "default", driver: "docker" },
    facts: [
      { sentence: "DOCKER_HOST names unix:///run/d.sock" },
      { sentence: "the test says: the daemon has the classic image store (overlay2)" },
      { sentence: 'no other builder is made, so the build uses the docker driver of context "default"' },
      { sentence: 'the build asks for 2 platforms: "linux/amd64,linux/arm64"' },
    ],
  });
});

test("what a restart stops is part of the price", () => {
  const price = (daemon: object): string | undefined =>
    predictBuild(hostFacts({ daemon }), BOTH).remedies.find(({ command }) => command === BY_CONTAINERD)?.price;
  const hidden = "images of the classic store are not shown any more, and stay on the disk; the daemon starts anew";
  expect(price({})).toBe(hidden);
  expect(price({ containersRunning: 1 })).toBe(`${hidden}, which stops a running container`);
  expect(price({ containersRunning: 3 })).toBe(`${hidden}, which stops 3 running containers`);
  expect(price({ containersRunning: 3, liveRestore: true })).toBe(hidden);
});

test.each<[name: string, facts: HostFacts, ask: Partial<BuildAsk>, title: string]>([
  ["nothing else", hostFacts(), {}, "make a builder that runs BuildKit in a container, and choose it"],
  [
    "docker build",
    hostFacts(),
    { through: "docker build" },
    "make a builder that runs BuildKit in a container, and choose it, and write `docker buildx build`",
  ],
  ["a name", hostFacts(), { builder: "default" }, "make a builder that runs BuildKit in a container, and choose it, and do not name a builder"],
  [
    "a variable",
    hostFacts({ selected: { builder: "default", chosenBy: "BUILDX_BUILDER" } }),
    {},
    "make a builder that runs BuildKit in a container, and choose it, and unset BUILDX_BUILDER",
  ],
])("what else a new builder takes: %s", (_name, facts, ask, title) => {
  expect(predictBuild(facts, { ...BOTH, ...ask }).remedies.find(({ command }) => command === BY_BUILDX)?.title).toBe(title);
});

test("what would be refused next is told", () => {
  const { facts, log } = predictBuild(hostFacts(), { ...BOTH, cacheTo: ["type=local,dest=/c"] });
  expect(log?.lines[0]).toBe("ERROR: failed to build: Cache export is not supported for the docker driver.");
  expect(facts.at(-1)?.sentence).toBe(`once that is mended and nothing else, the log would say "${REFUSAL[0]}"`);
});
