// Written by `npm run generate`; do not edit.
import { rule as bakeLinkLacksPlatforms } from "./bake/bake-link-lacks-platforms/rule.ts";
import { rule as bakePushWithoutImage } from "./bake/bake-push-without-image/rule.ts";
import { rule as bakeSetDropsPlatforms } from "./bake/bake-set-drops-platforms/rule.ts";
import { rule as composePlatformForeign } from "./bake/compose-platform-foreign/rule.ts";
import { rule as retagLosesPlatforms } from "./bake/retag-loses-platforms/rule.ts";
import { rule as saveSeveralPlatforms } from "./bake/save-several-platforms/rule.ts";
import { rule as apiVersionTooOld } from "./builder/api-version-too-old/rule.ts";
import { rule as archiveOfSeveralNodes } from "./builder/archive-of-several-nodes/rule.ts";
import { rule as baseImageOnlyInDocker } from "./builder/base-image-only-in-docker/rule.ts";
import { rule as builderInOtherJob } from "./builder/builder-in-other-job/rule.ts";
import { rule as builderLeftBehind } from "./builder/builder-left-behind/rule.ts";
import { rule as builderLostByContext } from "./builder/builder-lost-by-context/rule.ts";
import { rule as builderMadeTooLate } from "./builder/builder-made-too-late/rule.ts";
import { rule as builderNotChosen } from "./builder/builder-not-chosen/rule.ts";
import { rule as builderRefused } from "./builder/builder-refused/rule.ts";
import { rule as builderUnderOtherCondition } from "./builder/builder-under-other-condition/rule.ts";
import { rule as buildxTooOld } from "./builder/buildx-too-old/rule.ts";
import { rule as classicBuilderChosen } from "./builder/classic-builder-chosen/rule.ts";
import { rule as contextUnderDockerHost } from "./builder/context-under-docker-host/rule.ts";
import { rule as daemonConfigRefused } from "./builder/daemon-config-refused/rule.ts";
import { rule as dockerBuildIgnoresBuilder } from "./builder/docker-build-ignores-builder/rule.ts";
import { rule as dockerDriverChosen } from "./builder/docker-driver-chosen/rule.ts";
import { rule as driverWithoutAttestations } from "./builder/driver-without-attestations/rule.ts";
import { rule as driverWithoutCacheExport } from "./builder/driver-without-cache-export/rule.ts";
import { rule as driverWithoutExporter } from "./builder/driver-without-exporter/rule.ts";
import { rule as driverWithoutMultiPlatform } from "./builder/driver-without-multi-platform/rule.ts";
import { rule as driverWithoutPushByDigest } from "./builder/driver-without-push-by-digest/rule.ts";
import { rule as imageStoreByDefault } from "./builder/image-store-by-default/rule.ts";
import { rule as jobContainerWithoutDocker } from "./builder/job-container-without-docker/rule.ts";
import { rule as loadOfSeveralPlatforms } from "./builder/load-of-several-platforms/rule.ts";
import { rule as nodeWithoutPlatforms } from "./builder/node-without-platforms/rule.ts";
import { rule as resultLeftInCache } from "./builder/result-left-in-cache/rule.ts";
import { rule as runnerWithoutDocker } from "./builder/runner-without-docker/rule.ts";
import { rule as severalOutputsAtOnce } from "./builder/several-outputs-at-once/rule.ts";
import { rule as unknownBuilder } from "./builder/unknown-builder/rule.ts";
import { rule as cacheMountsLost } from "./cache/cache-mounts-lost/rule.ts";
import { rule as cacheOverwritten } from "./cache/cache-overwritten/rule.ts";
import { rule as cacheWithoutStages } from "./cache/cache-without-stages/rule.ts";
import { rule as forkWritesCache } from "./cache/fork-writes-cache/rule.ts";
import { rule as ghaCacheColdOnTags } from "./cache/gha-cache-cold-on-tags/rule.ts";
import { rule as ghaCacheInScript } from "./cache/gha-cache-in-script/rule.ts";
import { rule as ghaCacheV1 } from "./cache/gha-cache-v1/rule.ts";
import { rule as armVariantIgnored } from "./dockerfile/arm-variant-ignored/rule.ts";
import { rule as baseImageOfOnePlatform } from "./dockerfile/base-image-of-one-platform/rule.ts";
import { rule as baseImageOfOtherPlatform } from "./dockerfile/base-image-of-other-platform/rule.ts";
import { rule as baseImageWithoutPlatform } from "./dockerfile/base-image-without-platform/rule.ts";
import { rule as buildWithoutBuildkit } from "./dockerfile/build-without-buildkit/rule.ts";
import { rule as cargoUnderEmulation } from "./dockerfile/cargo-under-emulation/rule.ts";
import { rule as compileUnderEmulation } from "./dockerfile/compile-under-emulation/rule.ts";
import { rule as compiledForBuildPlatform } from "./dockerfile/compiled-for-build-platform/rule.ts";
import { rule as constantPlatformInFinalStage } from "./dockerfile/constant-platform-in-final-stage/rule.ts";
import { rule as copiedHostBinary } from "./dockerfile/copied-host-binary/rule.ts";
import { rule as digestOfOnePlatform } from "./dockerfile/digest-of-one-platform/rule.ts";
import { rule as emulationDespiteNativeRunner } from "./dockerfile/emulation-despite-native-runner/rule.ts";
import { rule as finalStageOnBuildPlatform } from "./dockerfile/final-stage-on-build-platform/rule.ts";
import { rule as hardCodedCompilerTarget } from "./dockerfile/hard-coded-compiler-target/rule.ts";
import { rule as hardCodedDownload } from "./dockerfile/hard-coded-download/rule.ts";
import { rule as machineAskedInBuildStage } from "./dockerfile/machine-asked-in-build-stage/rule.ts";
import { rule as missingArchFile } from "./dockerfile/missing-arch-file/rule.ts";
import { rule as nodeUnderEmulation } from "./dockerfile/node-under-emulation/rule.ts";
import { rule as packagesOfBuildPlatform } from "./dockerfile/packages-of-build-platform/rule.ts";
import { rule as redundantTargetPlatform } from "./dockerfile/redundant-target-platform/rule.ts";
import { rule as sharedCacheMount } from "./dockerfile/shared-cache-mount/rule.ts";
import { rule as targetarchNotDeclared } from "./dockerfile/targetarch-not-declared/rule.ts";
import { rule as targetarchWithDefault } from "./dockerfile/targetarch-with-default/rule.ts";
import { rule as builderEmulatorOnly } from "./emulation/builder-emulator-only/rule.ts";
import { rule as containerWithoutEmulator } from "./emulation/container-without-emulator/rule.ts";
import { rule as emulatorNotPinned } from "./emulation/emulator-not-pinned/rule.ts";
import { rule as emulatorPinWithoutEffect } from "./emulation/emulator-pin-without-effect/rule.ts";
import { rule as emulatorsInRootlessDocker } from "./emulation/emulators-in-rootless-docker/rule.ts";
import { rule as emulatorsOutsideContainers } from "./emulation/emulators-outside-containers/rule.ts";
import { rule as needlessEmulators } from "./emulation/needless-emulators/rule.ts";
import { rule as needlessPlatforms } from "./emulation/needless-platforms/rule.ts";
import { rule as runWithoutEmulator } from "./emulation/run-without-emulator/rule.ts";
import { rule as annotatedAsOtherPlatform } from "./image/annotated-as-other-platform/rule.ts";
import { rule as artifactNameTwice } from "./image/artifact-name-twice/rule.ts";
import { rule as buildRecordsAmongArtifacts } from "./image/build-records-among-artifacts/rule.ts";
import { rule as cloudRunWithoutAmd64 } from "./image/cloud-run-without-amd64/rule.ts";
import { rule as digestPushWithTag } from "./image/digest-push-with-tag/rule.ts";
import { rule as digestsNeverMerged } from "./image/digests-never-merged/rule.ts";
import { rule as digestsOfSeveralImages } from "./image/digests-of-several-images/rule.ts";
import { rule as dockerManifestOfAnIndex } from "./image/docker-manifest-of-an-index/rule.ts";
import { rule as imageIdForADigest } from "./image/image-id-for-a-digest/rule.ts";
import { rule as incompleteMerge } from "./image/incomplete-merge/rule.ts";
import { rule as indexAnnotationOfOnePlatform } from "./image/index-annotation-of-one-platform/rule.ts";
import { rule as indexForLambda } from "./image/index-for-lambda/rule.ts";
import { rule as invalidImageName } from "./image/invalid-image-name/rule.ts";
import { rule as manifestListMadeTwice } from "./image/manifest-list-made-twice/rule.ts";
import { rule as mergeFromOtherRepository } from "./image/merge-from-other-repository/rule.ts";
import { rule as podmanListWithoutImages } from "./image/podman-list-without-images/rule.ts";
import { rule as podmanTagOfSeveralPlatforms } from "./image/podman-tag-of-several-platforms/rule.ts";
import { rule as pushWithoutTag } from "./image/push-without-tag/rule.ts";
import { rule as tagOverwrittenByMatrix } from "./image/tag-overwritten-by-matrix/rule.ts";
import { rule as attestationPushedTooEarly } from "./registry/attestation-pushed-too-early/rule.ts";
import { rule as cacheManifestRefused } from "./registry/cache-manifest-refused/rule.ts";
import { rule as dockerMirrorIgnored } from "./registry/docker-mirror-ignored/rule.ts";
import { rule as forkWithoutSecrets } from "./registry/fork-without-secrets/rule.ts";
import { rule as localRegistryWithoutHostNetwork } from "./registry/local-registry-without-host-network/rule.ts";
import { rule as logInBeforeSetUp } from "./registry/log-in-before-set-up/rule.ts";
import { rule as logInMissing } from "./registry/log-in-missing/rule.ts";
import { rule as severalRegistriesInOnePush } from "./registry/several-registries-in-one-push/rule.ts";
import { rule as tokenWithoutPackagesPermission } from "./registry/token-without-packages-permission/rule.ts";
import { rule as attestedDigestMissing } from "./release/attested-digest-missing/rule.ts";
import { rule as latestMovesOnPrerelease } from "./release/latest-moves-on-prerelease/rule.ts";
import { rule as releaseDiffersFromCi } from "./release/release-differs-from-ci/rule.ts";
import { rule as siblingImageSinglePlatform } from "./release/sibling-image-single-platform/rule.ts";
import { rule as signatureOnPartOfImage } from "./release/signature-on-part-of-image/rule.ts";
import { rule as signedByTag } from "./release/signed-by-tag/rule.ts";
import { rule as sourceDateEpochHalfUsed } from "./release/source-date-epoch-half-used/rule.ts";
import { rule as testedNotPublished } from "./release/tested-not-published/rule.ts";
import { rule as verifyOnlyNative } from "./release/verify-only-native/rule.ts";
import type { Rule } from "./rule.ts";
import { rule as blankInPlatformList } from "./workflow/blank-in-platform-list/rule.ts";
import { rule as duplicatePlatform } from "./workflow/duplicate-platform/rule.ts";
import { rule as emptyPlatforms } from "./workflow/empty-platforms/rule.ts";
import { rule as fileOutsideGitContext } from "./workflow/file-outside-git-context/rule.ts";
import { rule as imageOfArmRunner } from "./workflow/image-of-arm-runner/rule.ts";
import { rule as inputAsList } from "./workflow/input-as-list/rule.ts";
import { rule as inputNotBoolean } from "./workflow/input-not-boolean/rule.ts";
import { rule as jobWithoutTimeout } from "./workflow/job-without-timeout/rule.ts";
import { rule as joinedListItems } from "./workflow/joined-list-items/rule.ts";
import { rule as oldWorkflowCommand } from "./workflow/old-workflow-command/rule.ts";
import { rule as outdatedAction } from "./workflow/outdated-action/rule.ts";
import { rule as platformsOnlyOnSetup } from "./workflow/platforms-only-on-setup/rule.ts";
import { rule as racingTagPushes } from "./workflow/racing-tag-pushes/rule.ts";
import { rule as retiredRunner } from "./workflow/retired-runner/rule.ts";
import { rule as shutDownAction } from "./workflow/shut-down-action/rule.ts";
import { rule as unknownExpressionName } from "./workflow/unknown-expression-name/rule.ts";
import { rule as unknownInput } from "./workflow/unknown-input/rule.ts";
import { rule as unknownPlatform } from "./workflow/unknown-platform/rule.ts";
import { rule as unsupportedEmulator } from "./workflow/unsupported-emulator/rule.ts";
import { rule as untrustedBuildWithSecrets } from "./workflow/untrusted-build-with-secrets/rule.ts";

/** Every rule, by group and name. */
export const RULES: readonly Rule[] = [
  apiVersionTooOld,
  archiveOfSeveralNodes,
  baseImageOnlyInDocker,
  builderInOtherJob,
  builderLeftBehind,
  builderLostByContext,
  builderMadeTooLate,
  builderNotChosen,
  builderRefused,
  builderUnderOtherCondition,
  buildxTooOld,
  classicBuilderChosen,
  contextUnderDockerHost,
  daemonConfigRefused,
  dockerBuildIgnoresBuilder,
  dockerDriverChosen,
  driverWithoutAttestations,
  driverWithoutCacheExport,
  driverWithoutExporter,
  driverWithoutMultiPlatform,
  driverWithoutPushByDigest,
  imageStoreByDefault,
  jobContainerWithoutDocker,
  loadOfSeveralPlatforms,
  nodeWithoutPlatforms,
  resultLeftInCache,
  runnerWithoutDocker,
  severalOutputsAtOnce,
  unknownBuilder,
  builderEmulatorOnly,
  containerWithoutEmulator,
  emulatorNotPinned,
  emulatorPinWithoutEffect,
  emulatorsInRootlessDocker,
  emulatorsOutsideContainers,
  needlessEmulators,
  needlessPlatforms,
  runWithoutEmulator,
  armVariantIgnored,
  baseImageOfOnePlatform,
  baseImageOfOtherPlatform,
  baseImageWithoutPlatform,
  buildWithoutBuildkit,
  cargoUnderEmulation,
  compileUnderEmulation,
  compiledForBuildPlatform,
  constantPlatformInFinalStage,
  copiedHostBinary,
  digestOfOnePlatform,
  emulationDespiteNativeRunner,
  finalStageOnBuildPlatform,
  hardCodedCompilerTarget,
  hardCodedDownload,
  machineAskedInBuildStage,
  missingArchFile,
  nodeUnderEmulation,
  packagesOfBuildPlatform,
  redundantTargetPlatform,
  sharedCacheMount,
  targetarchNotDeclared,
  targetarchWithDefault,
  blankInPlatformList,
  duplicatePlatform,
  emptyPlatforms,
  fileOutsideGitContext,
  imageOfArmRunner,
  inputAsList,
  inputNotBoolean,
  jobWithoutTimeout,
  joinedListItems,
  oldWorkflowCommand,
  outdatedAction,
  platformsOnlyOnSetup,
  racingTagPushes,
  retiredRunner,
  shutDownAction,
  unknownExpressionName,
  unknownInput,
  unknownPlatform,
  unsupportedEmulator,
  untrustedBuildWithSecrets,
  attestationPushedTooEarly,
  cacheManifestRefused,
  dockerMirrorIgnored,
  forkWithoutSecrets,
  localRegistryWithoutHostNetwork,
  logInBeforeSetUp,
  logInMissing,
  severalRegistriesInOnePush,
  tokenWithoutPackagesPermission,
  annotatedAsOtherPlatform,
  artifactNameTwice,
  buildRecordsAmongArtifacts,
  cloudRunWithoutAmd64,
  digestPushWithTag,
  digestsNeverMerged,
  digestsOfSeveralImages,
  dockerManifestOfAnIndex,
  imageIdForADigest,
  incompleteMerge,
  indexAnnotationOfOnePlatform,
  indexForLambda,
  invalidImageName,
  manifestListMadeTwice,
  mergeFromOtherRepository,
  podmanListWithoutImages,
  podmanTagOfSeveralPlatforms,
  pushWithoutTag,
  tagOverwrittenByMatrix,
  cacheMountsLost,
  cacheOverwritten,
  cacheWithoutStages,
  forkWritesCache,
  ghaCacheColdOnTags,
  ghaCacheInScript,
  ghaCacheV1,
  attestedDigestMissing,
  latestMovesOnPrerelease,
  releaseDiffersFromCi,
  siblingImageSinglePlatform,
  signatureOnPartOfImage,
  signedByTag,
  sourceDateEpochHalfUsed,
  testedNotPublished,
  verifyOnlyNative,
  bakeLinkLacksPlatforms,
  bakePushWithoutImage,
  bakeSetDropsPlatforms,
  composePlatformForeign,
  retagLosesPlatforms,
  saveSeveralPlatforms,
];
