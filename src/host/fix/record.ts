import type { DoneChange, HostChange, HostFixRecord } from "./change.ts";

/** Whether a document is a record that this version wrote, as far as taking it back relies on it. */
export function isHostFixRecord(value: unknown): value is HostFixRecord {
  if (!isObject(value)) return false;
  const { version, id, complete, done } = value;
  return (
    version === 1 &&
    isText(id) &&
    typeof complete === "boolean" &&
    (value.with === "buildx" || value.with === "containerd") &&
    Array.isArray(done) &&
    done.every(isDone)
  );
}

function isDone(value: unknown): value is DoneChange {
  if (!isObject(value)) return false;
  const { change, state, atMs, backup, mode, userId, groupId, madeFolder } = value;
  const numbers = [mode, userId, groupId].every((one) => one === undefined || Number.isInteger(one));
  const texts = [backup, madeFolder].every((one) => one === undefined || isText(one));
  return (state === "begun" || state === "made") && typeof atMs === "number" && numbers && texts && isChange(change);
}

function isChange(value: unknown): value is HostChange {
  if (!isObject(value) || !isText(value.about)) return false;
  switch (value.kind as HostChange["kind"]) {
    case "file":
      return isText(value.path) && isText(value.after) && (value.before === undefined || isText(value.before));
    case "restart":
      return isText(value.byHand) && (value.command === undefined || isCommand(value.command));
    case "builder":
    case "select":
      return isText(value.name) && isCommand(value.command) && isCommand(value.undo);
    case "emulator":
      return isText(value.architecture) && isText(value.interpreter) && isText(value.registration);
    case "emulator-container":
      return isTexts(value.architectures) && isCommand(value.command) && isCommand(value.undo);
    default:
      return false;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const isCommand = (value: unknown): value is readonly string[] => isTexts(value) && value.length > 0;
