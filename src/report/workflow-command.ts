import type { Severity } from "../findings/finding.ts";
import { cleanLines } from "./clean.ts";

/** Workflow commands of GitHub Actions that become annotations. */
export const WORKFLOW_COMMANDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/** What stands behind `::`, as the runner unescapes it (actions/toolkit, `command.ts`). */
export const commandData = (text: string): string => cleanLines(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/** A property's value. */
export const commandProperty = (text: string): string => commandData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
