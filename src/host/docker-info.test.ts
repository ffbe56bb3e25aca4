import { expect, test } from "vitest";
import { hostWorld, infoText } from "../../test/harness/host-world.ts";
import { readDaemon, type ToldDaemon } from "./docker-info.ts";

async function daemon(more: object): Promise<ToldDaemon> {
  const { programs } = hostWorld([{ when: /^info/, stdout: infoText(more) }]);
  const fact = await readDaemon({ programs, timeoutMs: 1000 });
  if (!fact.known) throw new Error(fact.why);
  return fact.value;
}

const products: readonly (readonly [told: object, product: string | undefined])[] = [
  [{}, undefined],
  [{ OperatingSystem: "Docker Desktop", Name: "docker-desktop" }, "Docker Desktop"],
  [{ OperatingSystem: "OrbStack", Name: "orbstack" }, "OrbStack"],
  [{ OperatingSystem: "Alpine Linux v3.20", Name: "lima-rancher-desktop" }, "Rancher Desktop"],
  [{ OperatingSystem: "Ubuntu 24.04 LTS", Name: "colima" }, "Colima"],
  [{ OperatingSystem: "Ubuntu 24.04 LTS", Name: "colima-arm" }, "Colima"],
  [{ OperatingSystem: "fedora", DockerRootDir: "/home/me/.local/share/containers/storage" }, "Podman"],
];

test.each(products)("%j is of %s", async (told, product) => {
  expect((await daemon(told)).product).toBe(product);
});

test("a rootless daemon of arm64 with its live containers", async () => {
  const told = { SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"], Architecture: "aarch64", LiveRestoreEnabled: true };
  expect(await daemon(told)).toMatchObject({ rootless: true, architecture: "arm64", liveRestore: true });
});

test("fields of wrong shapes are as absent ones", async () => {
  expect(await daemon({ DriverStatus: "x", SecurityOptions: null, RegistryConfig: [], Images: -1, ContainersRunning: "2" })).toMatchObject({
    store: "classic",
    rootless: false,
    mirrors: [],
    insecureRegistries: [],
    images: 0,
    containersRunning: 0,
  });
});
