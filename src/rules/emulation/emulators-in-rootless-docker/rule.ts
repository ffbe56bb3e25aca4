import { endpointOf } from "../../../simulate/endpoint.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "emulators-in-rootless-docker",
    summary: "emulators are installed through a rootless Docker, which may not register them in the kernel",
    severity: "error",
    confidence: "possible",
    fix: "none",
    covers: ["binfmt-rootless"],
  },
  event({ operation, before, step }, _trace, report) {
    if (operation.kind !== "install-emulators" || (operation.image === undefined && step.action === undefined)) return;
    const { daemon, context } = endpointOf(before, operation.variables);
    if (daemon?.rootless !== true || isPackage(operation.place)) return;
    report({
      message: "emulators cannot be installed through a rootless Docker, unless the kernel has a table of them for each user namespace (Linux 6.7)",
      place: operation.place,
      facts: [
        ...(context === undefined ? [] : [{ ...context.fact, sentence: `${context.fact.sentence}, without root` }]),
        { sentence: "this registers emulators in the kernel, by a privileged container of it", place: operation.place },
      ],
      log: { tool: "binfmt", lines: ["error: operation not permitted", "cannot mount binfmt_misc filesystem at /proc/sys/fs/binfmt_misc"] },
      cause:
        "the table of emulators belongs to the whole machine, and even a privileged container of a rootless Docker has no right to change what is outside of its user's namespace",
      remedies: [
        advice("install the emulators before the rootless Docker is set up", "they are registered by the machine's own Docker"),
        advice("leave the step out and take a Buildx builder, whose image brings emulators", "the builder runs without root too"),
      ],
    });
  },
});

/** Installed by `sudo apt-get`, with all rights. */
const isPackage = ({ file, span }: { readonly file: { readonly text: string }; readonly span: { readonly start: number; readonly end: number } }): boolean =>
  /\bapt(?:-get)?\b/.test(file.text.slice(span.start, span.end));
