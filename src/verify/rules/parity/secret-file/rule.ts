import { countText } from "../../../../core/quantity.ts";
import { remembered } from "../../../../core/remembered.ts";
import { type SecretKind, secretKind } from "../../../../facts/secret-names.ts";
import { defineImageRule } from "../../../rule.ts";
import type { LayerContents } from "../../../scan/contents.ts";
import type { ImageLayer, Subject } from "../../../subject.ts";
import { firstFacts, firstPaths, list, quote } from "../../shown.ts";
import { shownLayer } from "../origins.ts";

/** Smaller ones hold nothing: `{}`, a line's end. */
const SMALLEST = 16;

export const rule = defineImageRule({
  meta: { id: "secret-file", summary: "a file lies in the image whose name says that it holds a secret", severity: "warning", confidence: "likely" },
  image(subject, report) {
    const all = secretsOf(subject);
    for (const sure of [true, false]) {
      const found = all.filter(({ kind }) => kind.sure === sure);
      if (found.length === 0) continue;
      const paths = found.map(({ path }) => path);
      const hidden = found.filter(({ gone }) => gone);
      report({
        severity: sure ? "warning" : "info",
        confidence: sure ? "likely" : "possible",
        message: `${countText(paths.length, "file")} ${holding(paths.length === 1, sure)}: ${list(paths.map(quote), 3)}${hidden.length === 0 ? "" : hidden.length === found.length ? ", removed by a later layer and still to be had" : ""}`,
        at: firstPaths(paths),
        facts: firstFacts(found, "file", told),
        cause: "whoever can pull the image can read every file of every layer, also one that a later layer removes",
        remedies: [
          "take what the secret opens for known, and have it replaced",
          "give secrets to single steps of the build (RUN --mount=type=secret), and keep such files out of the context (.dockerignore)",
        ],
      });
    }
  },
});

interface Secret {
  readonly path: string;
  readonly kind: SecretKind;
  /** Each layer that holds it, and a platform that has the layer. */
  readonly layers: readonly ImageLayer[];
  readonly platforms: readonly string[];
  /** No platform's final file system has it. */
  readonly gone: boolean;
}

/** By path, in the order of platforms and layers. */
function secretsOf({ images }: Subject): readonly Secret[] {
  const found = new Map<string, { kind: SecretKind; layers: ImageLayer[]; platforms: string[]; gone: boolean }>();
  for (const image of images) {
    for (const layer of image.layers) {
      for (const { path, kind } of layer.contents === undefined ? [] : secretsIn(layer.contents)) {
        const secret = found.get(path) ?? { kind, layers: [], platforms: [], gone: true };
        found.set(path, secret);
        if (!secret.platforms.includes(image.name)) secret.platforms.push(image.name);
        if (!secret.layers.some(({ contents }) => contents === layer.contents)) secret.layers.push(layer);
        if (image.files === undefined || image.files.get(path) !== undefined) secret.gone = false;
      }
    }
  }
  return [...found].map(([path, secret]) => ({ path: `/${path}`, ...secret }));
}

const secretsIn: (contents: LayerContents) => readonly { readonly path: string; readonly kind: SecretKind }[] = remembered(({ index }) =>
  index.entries.flatMap(({ path, type, size }) => {
    const kind = type === "file" && size >= SMALLEST ? secretKind(path) : undefined;
    return kind === undefined ? [] : [{ path, kind }];
  }),
);

const holding = (single: boolean, sure: boolean): string =>
  single ? `${sure ? "holds" : "may hold"} a secret, as its name says` : `${sure ? "hold" : "may hold"} secrets, as their names say`;

function told({ path, kind, layers, platforms, gone }: Secret): string {
  const where = `it lies in ${list(layers.map(shownLayer), 2)} of ${list(platforms)}${gone ? ", and is hidden by a later one" : ""}`;
  return `${quote(path)}: such a file ${kind.sure ? "holds" : "may hold"} ${kind.what}; ${where}`;
}
