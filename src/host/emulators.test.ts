import { expect, test } from "vitest";
import { toldFiles } from "../../test/harness/host-world.ts";
import { readEmulators } from "./emulators.ts";

const AT = "/proc/sys/fs/binfmt_misc";
// Linux 6.18 with Debian's qemu-user-static, 2026-11-22; Rosetta as Docker Desktop registers it.
const QEMU = `enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: PF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;
const entry = (head: string, tail: string, flags = "F"): string => QEMU.replace("7f454c4602010100", head).replace("0200b700", tail).replace("PF", flags);

test("emulators by what the kernel looks at, not by their names", () => {
  const files = toldFiles({
    [`${AT}/status`]: "enabled\n",
    [`${AT}/register`]: "",
    [`${AT}/qemu-aarch64`]: QEMU,
    [`${AT}/rosetta`]: entry("7f454c4602010100", "02003e00", "OCF"),
    [`${AT}/qemu-s390x`]: entry("7f454c4602020100", "00020016"),
    [`${AT}/qemu-ppc64`]: entry("7f454c4602020100", "00020015"),
    [`${AT}/qemu-ppc64le`]: entry("7f454c4602010100", "02001500").replace("enabled", "disabled"),
    [`${AT}/qemu-mips`]: entry("7f454c4601020100", "00020008"),
    [`${AT}/python3.11`]: "enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n",
    [`${AT}/jar`]: "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n",
    [`${AT}/WSLInterop`]: "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n",
  });
  const facts = readEmulators(files, "linux");
  expect(facts).toMatchObject({ known: true, source: AT });
  expect(facts.known && facts.value.map(({ architecture, flags, enabled }) => `${architecture} ${flags} ${enabled}`)).toEqual([
    "arm64 PF true",
    "mips F true",
    "ppc64 F true",
    "ppc64le F false",
    "s390x F true",
    "amd64 OCF true",
  ]);
});

test("all of them are off when the kernel's switch is", () => {
  const facts = readEmulators(toldFiles({ [`${AT}/status`]: "disabled\n", [`${AT}/qemu-aarch64`]: QEMU }), "linux");
  expect(facts.known && facts.value.map(({ enabled }) => enabled)).toEqual([false]);
});

test("a kernel that shows none, and a machine without Linux", () => {
  expect(readEmulators(toldFiles({}), "linux")).toMatchObject({ known: false, state: "absent", help: expect.stringContaining("mount -t binfmt_misc") });
  expect(readEmulators(toldFiles({}), "darwin")).toMatchObject({ known: false, state: "absent" });
});
