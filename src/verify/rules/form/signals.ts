/** Linux's names, without SIG. */
const NAMES = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU UNUSED URG USR1 USR2 VTALRM " +
    "WINCH XCPU XFSZ EMT INFO LOST RTMIN RTMAX"
  ).split(" "),
);
const HIGHEST = 64;

/** A signal as runtimes take it: `SIGTERM`, `term`, `15`, `RTMIN+3`. */
export function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= HIGHEST;
  const [, name, offset] = /^(?:SIG)?([A-Z]+\d?)([+-]\d{1,2})?$/.exec(text.toUpperCase()) ?? [];
  return name !== undefined && NAMES.has(name) && (offset === undefined || name.startsWith("RT"));
}
