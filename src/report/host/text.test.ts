import { expect, test } from "vitest";
import { hostText, type ShownHost } from "./text.ts";

const REPORT: ShownHost = {
  machine: "linux/amd64",
  world: "single-id",
  why: "one user id for all files",
  notes: ["owners are lost"],
  snapshots: "overlay",
  platforms: [
    { platform: "linux/amd64", how: "native", why: "the processor runs it" },
    { platform: "linux/arm/v7", how: "emulated", why: 'QEMU at "/q/arm"' },
    { platform: "linux/s390x", how: "impossible", why: "no static qemu-s390x was found" },
  ],
};

test("the world, its platforms in columns, what it costs and what helps", () => {
  expect(hostText(REPORT)).toBe(
    `machine  linux/amd64
sandbox  single-id: one user id for all files
files    overlay mounts: a step costs what it changes

linux/amd64   native      the processor runs it
linux/arm/v7  emulated    QEMU at "/q/arm"
linux/s390x   impossible  no static qemu-s390x was found

note: owners are lost
help: for what is impossible install the package qemu-user-static, or let multihull fetch QEMU: --emulator debian, or --emulator IMAGE@sha256:…; or build it on a machine of its own`,
  );
});

test("nothing behind the platforms where all is well", () => {
  expect(hostText({ ...REPORT, world: "root", notes: [], platforms: REPORT.platforms.slice(0, 2) }).split("\n\n")).toHaveLength(2);
});

test("without a sandbox the reasons and the ways out, and no platforms", () => {
  const text = hostText({ ...REPORT, world: "none", why: 'tried chroot ("EPERM")', notes: ["run multihull with sudo", "use BuildKit"] });
  expect(text).toBe('machine  linux/amd64\nsandbox  none: tried chroot ("EPERM")\n\nhelp: run multihull with sudo\nhelp: use BuildKit');
});

test("what the machine said cannot move the cursor", () => {
  expect(hostText({ ...REPORT, why: "a\u001b[2Jb\nc" })).toContain("a\\x1b[2Jb\\x0ac");
});
