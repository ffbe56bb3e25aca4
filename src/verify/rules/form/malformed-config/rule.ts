import { clause } from "../../../../facts/clauses.ts";
import { isObject } from "../../../../image/json.ts";
import { isConfigType } from "../../../read/media-types.ts";
import { defineImageRule } from "../../../rule.ts";
import type { ReadConfig } from "../../../subject.ts";
import { plainMessage } from "../document-faults.ts";
import { configPlace } from "../places.ts";
import { isTime } from "../times.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "malformed-config", summary: "a config is not of the form that configs have", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    // What is no config of an image, or was not read because its manifest was not, is told by other rules.
    if (image.manifest.manifest === undefined || !isConfigType(image.config.descriptor.mediaType)) return;
    const fault = faultIn(image.config);
    if (fault === undefined) return;
    report({
      message: `the config is malformed: ${fault}`,
      at: configPlace(image.config),
      clause: clause("config"),
      cause: "Docker, containerd and podman read a config into fixed types: one wrong value, and they refuse the image",
      remedies: ["build the image with a tool that knows the format", "change the value: crane mutate, buildah config"],
    });
  },
});

function faultIn({ problem, value, fields }: ReadConfig): string | undefined {
  // A config with a value lacks its platform only, which another rule tells.
  if (problem?.code === "manifest-invalid" && value === undefined) return plainMessage(problem.message);
  if (fields === undefined) return undefined;
  if (wrongTime(fields.created)) return `"created" is ${quoted(String(fields.created))}, wanted a time as RFC 3339 has it`;
  const history: readonly unknown[] = Array.isArray(fields.history) ? fields.history : [];
  const i = history.findIndex((entry) => isObject(entry) && wrongTime(entry.created));
  return i < 0 ? undefined : `"created" of history[${i}] is no time as RFC 3339 has it`;
}

const wrongTime = (value: unknown): boolean => typeof value === "string" && !isTime(value);
