import { algorithmOf, Digester } from "../../../../core/digest.ts";
import { clause } from "../../../../facts/clauses.ts";
import type { Descriptor } from "../../../../image/descriptor.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ReadDocument } from "../../../subject.ts";

export const rule = defineImageRule({
  meta: { id: "wrong-embedded-data", summary: "a descriptor carries data that is not the content which it names", severity: "error", confidence: "certain" },
  image(subject, report) {
    const told = new Set<string>();
    for (const document of subject.documents) {
      for (const { descriptor, way } of descriptorsIn(document)) {
        const fault = descriptor.data === undefined ? undefined : faultIn(descriptor, descriptor.data);
        if (fault === undefined || told.has(`${document.descriptor.digest} ${way}`)) continue;
        told.add(`${document.descriptor.digest} ${way}`);
        report({
          message: `the data in the descriptor ${fault}`,
          at: { document: document.where === "" ? way : `${document.where} ${way}` },
          clause: clause("embedded-content"),
          cause: "clients that take the data see something else than those that fetch the content",
          remedies: ["leave the data out, or write the content in base64 before the document gets its digest"],
        });
      }
    }
  },
});

function descriptorsIn({ index, manifest }: ReadDocument): { readonly descriptor: Descriptor; readonly way: string }[] {
  const subject = index?.subject ?? manifest?.subject;
  return [
    ...(index?.manifests ?? []).map((descriptor, i) => ({ descriptor, way: `manifests[${i}]` })),
    ...(manifest === undefined ? [] : [{ descriptor: manifest.config, way: "config" }]),
    ...(manifest?.layers ?? []).map((descriptor, i) => ({ descriptor, way: `layers[${i}]` })),
    ...(subject === undefined ? [] : [{ descriptor: subject, way: "subject" }]),
  ];
}

function faultIn({ digest, size }: Descriptor, data: string): string | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(data)) return "is not base64";
  const bytes = Buffer.from(data, "base64");
  if (bytes.length !== size) return `has ${bytes.length} bytes, the descriptor says ${size}`;
  return new Digester(algorithmOf(digest)).update(bytes).digest() === digest ? undefined : "has another digest than the descriptor says";
}
