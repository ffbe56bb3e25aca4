import { nearest } from "../core/nearest.ts";
import { ProblemError } from "../core/problem.ts";

// Source: moby/sys signal/signal_linux.go (SignalMap) and signal.go (ParseSignal), read 2026-11-22.
const NAMES =
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX".split(
    " ",
  );
const KNOWN = new Set([...NAMES, ...Array.from({ length: 15 }, (_, i) => `RTMIN+${i + 1}`), ...Array.from({ length: 14 }, (_, i) => `RTMAX-${i + 1}`)]);

/** Checks STOPSIGNAL's word: a number other than 0, or a name with or without SIG. @throws {ProblemError} `dockerfile-semantics` */
export function checkStopSignal(text: string): string {
  if (/^[-+]?\d+$/.test(text) ? Number(text) !== 0 : KNOWN.has(text.toUpperCase().replace(/^SIG/, ""))) return text;
  const near = nearest(text.toUpperCase().replace(/^SIG/, ""), NAMES);
  throw new ProblemError("dockerfile-semantics", {
    message: `STOPSIGNAL has "${text}", which is no signal`,
    hint: near === undefined ? "wanted a name such as SIGTERM, or a number" : `did you mean SIG${near}?`,
  });
}
