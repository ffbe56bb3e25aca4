import type { RunConfig } from "../../image/config.ts";

/** Words of ENTRYPOINT and CMD, joined as runtimes do. A lone empty ENTRYPOINT is none. @see moby daemon/create.go mergeAndVerifyConfig, read 2026-11-23 */
export function commandOf({ Entrypoint, Cmd }: RunConfig): { readonly entrypoint: readonly string[]; readonly command: readonly string[] } {
  const entrypoint = Entrypoint ?? [];
  return { entrypoint: entrypoint.length === 1 && entrypoint[0] === "" ? [] : entrypoint, command: Cmd ?? [] };
}
