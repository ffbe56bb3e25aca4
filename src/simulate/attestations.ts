import { atLeast } from "../facts/version.ts";
import { alternativesOf, judged } from "./alternatives.ts";
import { attributesOf } from "./attributes.ts";
import type { ResolvedBuilder } from "./builder-of.ts";
import type { Environment } from "./environment.ts";
import { exportersOf } from "./exporters.ts";
import { goBoolean } from "./go-boolean.ts";
import type { Build } from "./operation.ts";
import { type Text, textOf } from "./text.ts";

/** What a build attaches to its images. */
export interface Attestations {
  /**
   * `buildx`: what Buildx adds by itself (mode=min, only in exporters that hold it beside the image). `action`: what the Docker actions add (mode=max, of a
   * private repository mode=min). `asked`: with a value that is neither. Undefined: unknown.
   */
  readonly provenance: "none" | "min" | "max" | "asked" | "buildx" | "action" | undefined;
  readonly sbom: boolean | undefined;
  /** Whether someone asked for any by hand: what `Attestation is not supported` answers to. Undefined: unknown. */
  readonly asked: boolean | undefined;
}

/** What is asked for, and what Buildx or the action adds when nobody asks. */
export function attestationsOf(build: Build, resolved: ResolvedBuilder, environment: Environment): Attestations {
  const wishes = wishesOf(build);
  const [provenance, sbom] = [wishes.get("provenance"), wishes.get("sbom")];
  return {
    provenance: provenance === undefined ? defaultProvenance(build, resolved, environment) : askedProvenance(provenance),
    sbom: sbom === undefined ? (build.attests.open ? undefined : false) : sbom.on,
    asked: attestationsAsked(build),
  };
}

/** True: at least one attestation is asked for by hand (one that is turned off is none). */
export function attestationsAsked(build: Build): boolean | undefined {
  const wishes = [...wishesOf(build).values()];
  if (wishes.some((wish) => wish.on === true)) return true;
  return wishes.every((wish) => wish.on === false) && !build.attests.open ? false : undefined;
}

/** The texts that ask for attestations, or may. */
export const attestationTexts = (build: Build): readonly Text[] => [...wishesOf(build).values()].flatMap(({ on, text }) => (on === false ? [] : [text]));

interface Wish {
  readonly on: boolean | undefined;
  readonly text: Text;
}

/** By type; of several of a type the first counts, as Buildx reads them: `--attest` before `--provenance` and `--sbom`. */
function wishesOf(build: Build): ReadonlyMap<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const text of build.attests.items) {
    const { fields, open } = attributesOf(text);
    const type = fields.get("type");
    const disabled = fields.has("disabled") ? goBoolean(fields.get("disabled") ?? "") : false;
    const on = open || type === undefined || disabled === undefined ? undefined : !disabled;
    const key = type ?? `unknown ${wishes.size}`;
    if (!wishes.has(key)) wishes.set(key, { on, text });
  }
  for (const [type, text] of [
    ["provenance", build.provenance],
    ["sbom", build.sbom],
  ] as const) {
    if (text === undefined || alternativesOf(text)?.every((one) => one === "") || wishes.has(type)) continue;
    wishes.set(type, { on: judged(text, (one) => one !== "" && (goBoolean(one) ?? true)), text });
  }
  return wishes;
}

function askedProvenance(wish: Wish): Attestations["provenance"] {
  if (wish.on === undefined) return undefined;
  if (!wish.on) return "none";
  const mode = /(?:^|,)mode=(min|max)(?:,|$)/.exec(textOf(wish.text) ?? "")?.[1];
  return mode === "min" || mode === "max" ? mode : "asked";
}

/** Since then Buildx knows attestations. */
const BUILDX_ATTESTS = "0.10.0";

function defaultProvenance(build: Build, resolved: ResolvedBuilder, environment: Environment): Attestations["provenance"] {
  if (["legacy", "buildah"].includes(resolved.driver)) return "none";
  if (environment.buildxVersion !== undefined && atLeast(environment.buildxVersion, BUILDX_ATTESTS) === false) return "none";
  if (resolved.driver === "docker" && resolved.store === "classic") return "none";
  if (resolved.driver === "unknown" || (resolved.driver === "docker" && resolved.store === "unknown")) return undefined;
  const isAction = build.through === "docker/build-push-action" || build.through === "docker/bake-action";
  // The action's test of BuildKit's version never holds for the one inside Docker.
  if (isAction && resolved.driver !== "docker") {
    const loads = exportersOf(build).some(({ type }) => type === "docker");
    if (!loads) return "action";
  }
  const off = build.variables?.get("BUILDX_NO_DEFAULT_ATTESTATIONS") ?? environment.variables.get("BUILDX_NO_DEFAULT_ATTESTATIONS");
  if (off === undefined) return "buildx";
  const value = judged(off, (one) => goBoolean(one) ?? false);
  return value === undefined ? undefined : value ? "none" : "buildx";
}
