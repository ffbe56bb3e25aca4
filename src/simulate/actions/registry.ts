import type { ActionModel } from "../action-model.ts";
import { bake } from "./bake.ts";
import { buildPush } from "./build-push.ts";
import { buildahBuild, pushToRegistry } from "./buildah.ts";
import { cloudPosseBuild } from "./cloud-posse.ts";
import { blacksmithBuild, blacksmithBuilder, depotBake, depotBuild, depotSetup, namespaceBuildx, namespaceSetup } from "./clouds.ts";
import { checkout, downloadArtifact, uploadArtifact } from "./files-and-artifacts.ts";
import { goreleaser } from "./goreleaser.ts";
import { attest, cloudRun, githubRuntime, manifest } from "./images.ts";
import { azureLogin, ecrLogin, login, podmanLogin, vaultLogin } from "./login.ts";
import { metadata } from "./metadata/model.ts";
import { olderSetupBuildx, practiceSetupDocker } from "./older-setups.ts";
import { dockerBuildPush, publishDocker } from "./publishers.ts";
import { setupBuildx } from "./setup-buildx.ts";
import { setupDocker } from "./setup-docker.ts";
import { setupQemu } from "./setup-qemu.ts";

const MODELS: readonly ActionModel[] = [
  setupBuildx,
  setupDocker,
  setupQemu,
  login,
  metadata,
  buildPush,
  bake,
  practiceSetupDocker,
  olderSetupBuildx,
  depotSetup,
  depotBuild,
  depotBake,
  namespaceSetup,
  namespaceBuildx,
  blacksmithBuilder,
  blacksmithBuild,
  buildahBuild,
  pushToRegistry,
  podmanLogin,
  goreleaser,
  ecrLogin,
  azureLogin,
  vaultLogin,
  cloudPosseBuild,
  publishDocker,
  dockerBuildPush,
  checkout,
  uploadArtifact,
  downloadArtifact,
  attest,
  manifest,
  cloudRun,
  githubRuntime,
];

const BY_NAME = new Map(MODELS.flatMap((model) => model.uses.map((name) => [name, model] as const)));

/** What the action does, by `owner/repo[/path]` in lower case; undefined for one that nobody has described: see `isHarmless` of `facts/actions.ts` then. */
export const actionModelFor = (name: string): ActionModel | undefined => BY_NAME.get(name);
