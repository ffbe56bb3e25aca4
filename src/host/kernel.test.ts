import { expect, test } from "vitest";
import { toldFiles } from "../../test/harness/host-world.ts";
import { readKernel } from "./kernel.ts";

const MANY = { "/proc/sys/user/max_user_namespaces": "96365\n" };
const NONE = { "/proc/sys/user/max_user_namespaces": "0\n" };
const DEBIAN = { ...MANY, "/proc/sys/kernel/unprivileged_userns_clone": "0\n" };
const UBUNTU = { ...MANY, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" };

const cases: readonly (readonly [
  name: string,
  texts: Readonly<Record<string, string>>,
  userId: number | undefined,
  platform: string,
  is: boolean | undefined,
])[] = [
  ["as most are", MANY, 1000, "linux", true],
  ["that allows none", NONE, 0, "linux", false],
  ["of Debian, switched off for users", DEBIAN, 1000, "linux", false],
  ["of Debian, switched off for users but not for root", DEBIAN, 0, "linux", true],
  ["of Ubuntu 24.04, where they have no rights", UBUNTU, 1000, "linux", false],
  ["of Ubuntu 24.04, for root", UBUNTU, 0, "linux", true],
  ["that tells nothing", {}, 1000, "linux", undefined],
  ["that tells nonsense", { "/proc/sys/user/max_user_namespaces": "many\n" }, 1000, "linux", undefined],
  ["of another system", MANY, 501, "darwin", undefined],
];

test.each(cases)("user namespaces of a kernel %s", (_name, texts, userId, platform, userNamespaces) => {
  const machine = { platform, release: "6.1.0", architecture: "arm64", userId };
  expect(readKernel(toldFiles(texts), machine)).toEqual({ known: true, value: { release: "6.1.0", architecture: "arm64", userNamespaces }, source: "uname" });
});
