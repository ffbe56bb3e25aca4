/** Calls that a container with Docker's default filter may not make without CAP_SYS_ADMIN. Source: Linux 6.18 syscall tables, read 2026-11-22. */
const CALLS: Readonly<Record<string, { readonly audit: number; readonly clone: number; readonly refused: readonly number[] }>> = {
  x64: { audit: 0xc000003e, clone: 56, refused: [272, 165, 166, 155, 308, 428, 429, 430, 431, 432, 442, 248, 250, 321, 298, 323] },
  arm64: { audit: 0xc00000b7, clone: 220, refused: [97, 40, 39, 41, 268, 428, 429, 430, 431, 432, 442, 217, 219, 280, 241, 282] },
};
const CLONE3 = 435;
/** CLONE_NEW* of namespaces. */
const NEW_NAMESPACE = 0x7e020000;

const LOAD = 0x20;
const EQUAL = 0x15;
const HAS_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;

/** struct sock_filter[]: unshare, mount, setns, pivot_root and new namespaces are refused, as Docker's default filter does; undefined for other processors. */
export function containerFilter(): Buffer | undefined {
  const calls = CALLS[process.arch];
  if (calls === undefined) return undefined;
  const rows: (readonly [code: number, yes: number, no: number, value: number])[] = [
    [LOAD, 0, 0, 4],
    [EQUAL, 1, 0, calls.audit],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, 0],
    ...calls.refused.flatMap((number): [number, number, number, number][] => [
      [EQUAL, 0, 1, number],
      [RETURN, 0, 0, EPERM],
    ]),
    [EQUAL, 0, 1, CLONE3],
    [RETURN, 0, 0, ENOSYS],
    [EQUAL, 0, 3, calls.clone],
    [LOAD, 0, 0, 16],
    [HAS_BIT, 0, 1, NEW_NAMESPACE],
    [RETURN, 0, 0, EPERM],
    [RETURN, 0, 0, ALLOW],
  ];
  const filter = Buffer.alloc(rows.length * 8);
  for (const [number, [code, yes, no, value]] of rows.entries()) {
    filter.writeUInt16LE(code, number * 8);
    filter[number * 8 + 2] = yes;
    filter[number * 8 + 3] = no;
    filter.writeUInt32LE(value, number * 8 + 4);
  }
  return filter;
}
