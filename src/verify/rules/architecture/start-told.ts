import type { Confidence, Severity } from "../../../findings/finding.ts";
import type { ImagePlace, LayerPlace } from "../../finding.ts";
import { baseName } from "../../start/names.ts";
import type { Start } from "../../start/start.ts";
import type { ImageLayer } from "../../subject.ts";
import { quote } from "../shown.ts";

const INSTRUCTIONS = { entrypoint: "ENTRYPOINT", command: "CMD", argument: "CMD", healthcheck: "HEALTHCHECK" } as const;

/** What names it, as a sentence begins: `ENTRYPOINT names "app"`, `ENTRYPOINT's /sbin/tini is to run "app"`. */
export function named({ role, asked, by }: Start): string {
  if (role === "interpreter") return `${by?.path ?? "a script"} is to be run by ${quote(asked)}`;
  if (role !== "wrapped" || by === undefined) return `${instructionOf({ role })} names ${quote(asked)}`;
  return `${instructionOf(firstOf(by))}'s ${by.asked} is to run ${quote(asked)}`;
}

const instructionOf = ({ role }: Pick<Start, "role">): string => (role === "interpreter" || role === "wrapped" ? "the image" : INSTRUCTIONS[role]);

function firstOf(start: Start): Start {
  let first = start;
  while (first.by !== undefined) first = first.by;
  return first;
}

/** The program, by where it lies: `the ENTRYPOINT's program /app`, `/app, which /sbin/tini runs,`. */
export function programText({ role, path, asked, by }: Start): string {
  const place = path ?? asked;
  if (role !== "interpreter" && role !== "wrapped") return `the ${INSTRUCTIONS[role]}'s program ${place}`;
  return role === "interpreter" ? `${place}, which runs the script ${by?.path ?? ""},` : `${place}, which ${by?.path ?? "another program"} runs,`;
}

/** How one comes from the config to it, and what brought it there. */
export function chainFacts(start: Start): readonly string[] {
  const chain: Start[] = [];
  for (let at: Start | undefined = start; at !== undefined; at = at.by) chain.unshift(at);
  return [...chain.flatMap(({ steps }) => steps), ...(start.node?.source === undefined ? [] : [layerFact(start.node.source)])];
}

/** `layer 3 holds it, made by COPY app /app`. */
export const layerFact = ({ number, createdBy }: ImageLayer): string =>
  `layer ${number} holds it${createdBy === undefined ? "" : `, made by ${quote(createdBy)}`}`;

export const layerPlace = ({ number, descriptor, createdBy }: ImageLayer): LayerPlace => ({ number, digest: descriptor.digest, createdBy });

export const placeOf = ({ node, path }: Start): ImagePlace => ({
  ...(node?.source === undefined ? {} : { layer: layerPlace(node.source) }),
  ...(path === undefined ? {} : { paths: [path] }),
});

/** Without its health check an image still starts. */
export const severityOf = (start: Start): Severity => (isOfHealthcheck(start) ? "warning" : "error");

export const confidenceOf = ({ certain }: Start): Confidence => (certain ? "certain" : "likely");

export const isOfHealthcheck = (start: Start): boolean => firstOf(start).role === "healthcheck";

/** The first of each program: a health check that runs the same one has the same fault. */
export function oncePerProgram(starts: readonly Start[]): readonly Start[] {
  const seen = new Set<string>();
  return starts.filter(({ path, asked }) => {
    const key = path ?? asked;
    return seen.has(key) ? false : seen.add(key);
  });
}

const SHELL_FORM = /^(?:sh|ash|dash|bash)$/;

/** Whether it is the shell of a line in shell form: `["/bin/sh", "-c", "app"]`. */
export const isShellForm = ({ asked, words, by }: Start): boolean => by === undefined && words[1] === "-c" && SHELL_FORM.test(baseName(asked));

const isBase = (createdBy: string): boolean => /^(?:\/bin\/sh -c )?(?:#\(nop\) )?ADD (?:file:|rootfs|.* in \/)|debuerreotype|debian\.sh/i.test(createdBy);
const ARCHITECTURE_WORD = /(?<![a-z0-9])(?:x86_64|x86-64|amd64|x64|aarch64|arm64|armv[5-8][a-z]*|armhf|i[3-6]86|ppc64le|s390x|riscv64)(?![a-z0-9])/i;

/** How a program of another architecture came into a layer mostly, and what to do, by the layer's line of history. */
export function remediesFor(layer: ImageLayer | undefined): readonly string[] {
  const line = layer?.createdBy;
  const word = line === undefined ? undefined : ARCHITECTURE_WORD.exec(line)?.[0];
  if (line === undefined) return [COMPILE, BASE];
  if (isBase(line)) return [BASE, STAGE];
  if (/^(?:\/bin\/sh -c #\(nop\) )?(?:COPY|ADD)\b/.test(line)) {
    return [
      ...(word === undefined ? [] : [`let the file's name follow the platform: ARG TARGETARCH, and \${TARGETARCH} in place of ${quote(word)}`]),
      COMPILE,
      COPIED,
    ];
  }
  return [
    word === undefined
      ? DOWNLOAD
      : `let the line follow the platform: it names ${quote(word)}; take \${TARGETARCH} instead (ARG TARGETARCH, without a default)`,
    BASE,
  ];
}

const COMPILE =
  "compile it for the platform: GOARCH=$TARGETARCH, --target, or a stage without --platform=$BUILDPLATFORM; declare ARG TARGETARCH without a default";
const COPIED =
  "do not copy what was compiled on the machine that builds (node_modules, vendor, target, venv): make it within the build, and name it in .dockerignore";
const BASE = "let FROM choose by platform: no --platform= in it, and no digest of one platform's manifest (pin the digest of the index)";
const STAGE = "keep --platform=$BUILDPLATFORM to stages that compile; the final stage must not have it";
const DOWNLOAD = "look at what the line installs: its download must follow the platform (ARG TARGETARCH, without a default)";
