/** What --chmod does to a mode. */
export type ModeChange = (mode: number, isFolder: boolean) => number;

const SET_ID = 0o6000;
const STICKY = 0o1000;
/** Bits that each class may change. `a` and no class at all leave the sticky bit alone unless `t` is asked for. */
const CLASS: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007, a: SET_ID | 0o777 };
const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const CLAUSE = /^([augo]*)((?:[-+=][rwxXstugo]*)+)$/;

/**
 * Reads `u=rwX,go=rX` or an octal mode, as --chmod takes it.
 * `X` means execute for folders and for what somebody could execute before; an octal mode replaces all twelve bits.
 * @returns undefined when the text is neither
 * @see tonistiigi/dchapes-mode (BSD setmode), read 2026-11-22
 */
export function parseModeChange(text: string): ModeChange | undefined {
  if (/^[0-7]+$/.test(text)) {
    const bits = Number.parseInt(text, 8);
    return bits > 0o7777 ? undefined : () => bits;
  }
  const steps: ModeChange[] = [];
  for (const clause of text.split(",")) {
    const [, who, actions] = CLAUSE.exec(clause) ?? [];
    if (who === undefined || actions === undefined) return undefined;
    for (const [, op, what] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) steps.push(action(who, op as string, what as string));
  }
  return (mode, isFolder) => {
    const executable = isFolder || (mode & 0o111) !== 0;
    return steps.reduce((current, step) => step(current, executable), mode);
  };
}

/** One `+rX` of a clause; its second argument says whether `X` counts. */
function action(who: string, op: string, what: string): ModeChange {
  const classes = who === "" ? "a" : who;
  const touched = Array.from(classes).reduce((bits, letter) => bits | (CLASS[letter] ?? 0), 0);
  // Only the class "other": set-id and sticky bits are not its own.
  const special = who === "" || touched !== 0o0007;
  return (mode, executable) => {
    let bits = 0;
    for (const letter of what) {
      if (letter === "r") bits |= 0o444;
      else if (letter === "w") bits |= 0o222;
      else if (letter === "x" || (letter === "X" && (op === "-" || executable))) bits |= 0o111;
      else if (letter === "s" && special) bits |= SET_ID;
      else if (letter in SHIFT) bits |= 0o111 * ((mode >> (SHIFT[letter] as number)) & 0o7);
    }
    const sticky = what.includes("t") && special ? STICKY : 0;
    const chosen = (bits & touched) | sticky;
    if (op === "+") return mode | chosen;
    if (op === "-") return mode & ~chosen;
    // Copying a class over another leaves the set-id bits as they are.
    const cleared = /^[ugo]+$/.test(what) ? touched & 0o777 : touched;
    return (mode & ~(cleared | sticky)) | chosen;
  };
}
