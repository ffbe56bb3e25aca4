import { expect, test } from "vitest";
import { triedText, waysOut } from "./world-words.ts";

const settings = (name?: string, value?: string) => (path: string) => (name !== undefined && path.endsWith(name) ? value : undefined);

test.each([
  ["nothing known", false, settings(), ["AppArmor profile", "sudo"]],
  [
    "AppArmor restricts them",
    false,
    settings("apparmor_restrict_unprivileged_userns", "1"),
    ["kernel.apparmor_restrict_unprivileged_userns=0", "AppArmor profile", "sudo"],
  ],
  ["AppArmor lets them be", false, settings("apparmor_restrict_unprivileged_userns", "0"), ["AppArmor profile", "sudo"]],
  ["Debian's switch is off", false, settings("unprivileged_userns_clone", "0"), ["kernel.unprivileged_userns_clone=1", "sudo"]],
  ["there may be none", false, settings("max_user_namespaces", "0"), ["user.max_user_namespaces", "sudo"]],
  ["root", true, settings(), ["--security-opt"]],
])("the ways out: %s", (_, root, read, wanted) => {
  const ways = waysOut(root, read);
  expect(ways.length).toBe(wanted.length + 1);
  for (const [at, words] of wanted.entries()) expect(ways[at]).toContain(words);
  expect(ways.at(-1)).toContain("docker buildx build");
});

test("tells what was tried, and what was said to it", () => {
  expect(
    triedText([
      { world: "subordinate-ids", entered: false, said: "/etc/subuid has no range for ann" },
      { world: "single-id", entered: false, said: "unshare: unshare failed: Operation not permitted" },
    ]),
  ).toBe(
    'tried a user namespace with subordinate ids ("/etc/subuid has no range for ann"), a user namespace with one id ("unshare: unshare failed: Operation not permitted")',
  );
});
