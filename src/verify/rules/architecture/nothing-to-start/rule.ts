import { defineImageRule } from "../../../rule.ts";
import { commandOf } from "../../../start/command.ts";

export const rule = defineImageRule({
  meta: { id: "nothing-to-start", summary: "the image has neither ENTRYPOINT nor CMD", severity: "info", confidence: "certain" },
  platform(image, _subject, report) {
    const config = image.config.value;
    if (config === undefined) return;
    const { entrypoint, command } = commandOf(config.config ?? {});
    if (entrypoint.length + command.length > 0) return;
    report({
      message: "neither ENTRYPOINT nor CMD says what a container runs",
      cause:
        'Whoever runs it must name a command: else "no command specified". For images that are only copied from, or started by a tool, that is as it should be.',
      remedies: ['name the program: ENTRYPOINT ["/app"]'],
    });
  },
});
