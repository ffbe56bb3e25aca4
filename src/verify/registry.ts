// Written by `npm run generate`; do not edit.
import type { ImageRule } from "./rule.ts";
import { rule as differsFromOther } from "./rules/against/differs-from-other/rule.ts";
import { rule as brokenLibraryLink } from "./rules/architecture/broken-library-link/rule.ts";
import { rule as foreignBinary } from "./rules/architecture/foreign-binary/rule.ts";
import { rule as foreignBinaryInArchive } from "./rules/architecture/foreign-binary-in-archive/rule.ts";
import { rule as imageOfOtherArchitecture } from "./rules/architecture/image-of-other-architecture/rule.ts";
import { rule as interpreterOfOtherArchitecture } from "./rules/architecture/interpreter-of-other-architecture/rule.ts";
import { rule as libraryNotLoadable } from "./rules/architecture/library-not-loadable/rule.ts";
import { rule as libraryOfOtherArchitecture } from "./rules/architecture/library-of-other-architecture/rule.ts";
import { rule as libraryWithoutCache } from "./rules/architecture/library-without-cache/rule.ts";
import { rule as missingInterpreter } from "./rules/architecture/missing-interpreter/rule.ts";
import { rule as missingLibrary } from "./rules/architecture/missing-library/rule.ts";
import { rule as missingPreload } from "./rules/architecture/missing-preload/rule.ts";
import { rule as missingSymbolVersion } from "./rules/architecture/missing-symbol-version/rule.ts";
import { rule as nothingToStart } from "./rules/architecture/nothing-to-start/rule.ts";
import { rule as softAndHardFloatMixed } from "./rules/architecture/soft-and-hard-float-mixed/rule.ts";
import { rule as startByUnknownUser } from "./rules/architecture/start-by-unknown-user/rule.ts";
import { rule as startFileMissing } from "./rules/architecture/start-file-missing/rule.ts";
import { rule as startForNewerMachine } from "./rules/architecture/start-for-newer-machine/rule.ts";
import { rule as startIsFolder } from "./rules/architecture/start-is-folder/rule.ts";
import { rule as startMissing } from "./rules/architecture/start-missing/rule.ts";
import { rule as startNotAProgram } from "./rules/architecture/start-not-a-program/rule.ts";
import { rule as startNotExecutable } from "./rules/architecture/start-not-executable/rule.ts";
import { rule as startNotPermitted } from "./rules/architecture/start-not-permitted/rule.ts";
import { rule as startOfOtherArchitecture } from "./rules/architecture/start-of-other-architecture/rule.ts";
import { rule as startScriptWithCrlf } from "./rules/architecture/start-script-with-crlf/rule.ts";
import { rule as startScriptWithoutInterpreter } from "./rules/architecture/start-script-without-interpreter/rule.ts";
import { rule as startWithoutShell } from "./rules/architecture/start-without-shell/rule.ts";
import { rule as missingPlatform } from "./rules/completeness/missing-platform/rule.ts";
import { rule as unaskedPlatform } from "./rules/completeness/unasked-platform/rule.ts";
import { rule as absentContent } from "./rules/form/absent-content/rule.ts";
import { rule as ambiguousDocument } from "./rules/form/ambiguous-document/rule.ts";
import { rule as compressionUnlikeMediaType } from "./rules/form/compression-unlike-media-type/rule.ts";
import { rule as configOfOtherType } from "./rules/form/config-of-other-type/rule.ts";
import { rule as configWithoutPlatform } from "./rules/form/config-without-platform/rule.ts";
import { rule as contradictingMediaType } from "./rules/form/contradicting-media-type/rule.ts";
import { rule as documentBeyondLimits } from "./rules/form/document-beyond-limits/rule.ts";
import { rule as entryUnlikeConfig } from "./rules/form/entry-unlike-config/rule.ts";
import { rule as entryWithoutPlatform } from "./rules/form/entry-without-platform/rule.ts";
import { rule as excessHistory } from "./rules/form/excess-history/rule.ts";
import { rule as foreignLayer } from "./rules/form/foreign-layer/rule.ts";
import { rule as imageForUnknownPlatform } from "./rules/form/image-for-unknown-platform/rule.ts";
import { rule as imageWithoutLayers } from "./rules/form/image-without-layers/rule.ts";
import { rule as layerOfOtherType } from "./rules/form/layer-of-other-type/rule.ts";
import { rule as layersThatDoNotFit } from "./rules/form/layers-that-do-not-fit/rule.ts";
import { rule as layersUnlikeDiffIds } from "./rules/form/layers-unlike-diff-ids/rule.ts";
import { rule as leakedOverlay } from "./rules/form/leaked-overlay/rule.ts";
import { rule as malformedAnnotation } from "./rules/form/malformed-annotation/rule.ts";
import { rule as malformedConfig } from "./rules/form/malformed-config/rule.ts";
import { rule as malformedDocument } from "./rules/form/malformed-document/rule.ts";
import { rule as mixedMediaTypes } from "./rules/form/mixed-media-types/rule.ts";
import { rule as nestedIndex } from "./rules/form/nested-index/rule.ts";
import { rule as nothingToRun } from "./rules/form/nothing-to-run/rule.ts";
import { rule as oddVariant } from "./rules/form/odd-variant/rule.ts";
import { rule as repeatedLayer } from "./rules/form/repeated-layer/rule.ts";
import { rule as repeatedPath } from "./rules/form/repeated-path/rule.ts";
import { rule as repeatedPlatform } from "./rules/form/repeated-platform/rule.ts";
import { rule as schema1Manifest } from "./rules/form/schema-1-manifest/rule.ts";
import { rule as shadowedPlatform } from "./rules/form/shadowed-platform/rule.ts";
import { rule as tooManyLayers } from "./rules/form/too-many-layers/rule.ts";
import { rule as unboundAttestation } from "./rules/form/unbound-attestation/rule.ts";
import { rule as unmarkedArtifact } from "./rules/form/unmarked-artifact/rule.ts";
import { rule as unsoundLayer } from "./rules/form/unsound-layer/rule.ts";
import { rule as unusableSetting } from "./rules/form/unusable-setting/rule.ts";
import { rule as unusualPlatformName } from "./rules/form/unusual-platform-name/rule.ts";
import { rule as windowsWithoutVersion } from "./rules/form/windows-without-version/rule.ts";
import { rule as wrongDiffId } from "./rules/form/wrong-diff-id/rule.ts";
import { rule as wrongDigest } from "./rules/form/wrong-digest/rule.ts";
import { rule as wrongEmbeddedData } from "./rules/form/wrong-embedded-data/rule.ts";
import { rule as wrongSize } from "./rules/form/wrong-size/rule.ts";
import { rule as annotationsDiffer } from "./rules/parity/annotations-differ/rule.ts";
import { rule as baseDiffers } from "./rules/parity/base-differs/rule.ts";
import { rule as createdDiffers } from "./rules/parity/created-differs/rule.ts";
import { rule as envDiffers } from "./rules/parity/env-differs/rule.ts";
import { rule as filesMissingOnSome } from "./rules/parity/files-missing-on-some/rule.ts";
import { rule as healthcheckDiffers } from "./rules/parity/healthcheck-differs/rule.ts";
import { rule as labelMissingOnSome } from "./rules/parity/label-missing-on-some/rule.ts";
import { rule as labelsDiffer } from "./rules/parity/labels-differ/rule.ts";
import { rule as modeDiffers } from "./rules/parity/mode-differs/rule.ts";
import { rule as packagesDiffer } from "./rules/parity/packages-differ/rule.ts";
import { rule as portsDiffer } from "./rules/parity/ports-differ/rule.ts";
import { rule as secretFile } from "./rules/parity/secret-file/rule.ts";
import { rule as setuidDiffers } from "./rules/parity/setuid-differs/rule.ts";
import { rule as sizesFarApart } from "./rules/parity/sizes-far-apart/rule.ts";
import { rule as standardLabelsMissing } from "./rules/parity/standard-labels-missing/rule.ts";
import { rule as startDiffers } from "./rules/parity/start-differs/rule.ts";
import { rule as stopSignalDiffers } from "./rules/parity/stop-signal-differs/rule.ts";
import { rule as userDiffers } from "./rules/parity/user-differs/rule.ts";
import { rule as volumesDiffer } from "./rules/parity/volumes-differ/rule.ts";
import { rule as workdirDiffers } from "./rules/parity/workdir-differs/rule.ts";
import { rule as worldWritableDiffers } from "./rules/parity/world-writable-differs/rule.ts";
import { rule as smokeFailed } from "./rules/smoke/smoke-failed/rule.ts";
import { rule as smokeNotRun } from "./rules/smoke/smoke-not-run/rule.ts";

/** Every rule, by group and name. */
export const IMAGE_RULES: readonly ImageRule[] = [
  absentContent,
  ambiguousDocument,
  compressionUnlikeMediaType,
  configOfOtherType,
  configWithoutPlatform,
  contradictingMediaType,
  documentBeyondLimits,
  entryUnlikeConfig,
  entryWithoutPlatform,
  excessHistory,
  foreignLayer,
  imageForUnknownPlatform,
  imageWithoutLayers,
  layerOfOtherType,
  layersThatDoNotFit,
  layersUnlikeDiffIds,
  leakedOverlay,
  malformedAnnotation,
  malformedConfig,
  malformedDocument,
  mixedMediaTypes,
  nestedIndex,
  nothingToRun,
  oddVariant,
  repeatedLayer,
  repeatedPath,
  repeatedPlatform,
  schema1Manifest,
  shadowedPlatform,
  tooManyLayers,
  unboundAttestation,
  unmarkedArtifact,
  unsoundLayer,
  unusableSetting,
  unusualPlatformName,
  windowsWithoutVersion,
  wrongDiffId,
  wrongDigest,
  wrongEmbeddedData,
  wrongSize,
  missingPlatform,
  unaskedPlatform,
  brokenLibraryLink,
  foreignBinary,
  foreignBinaryInArchive,
  imageOfOtherArchitecture,
  interpreterOfOtherArchitecture,
  libraryNotLoadable,
  libraryOfOtherArchitecture,
  libraryWithoutCache,
  missingInterpreter,
  missingLibrary,
  missingPreload,
  missingSymbolVersion,
  nothingToStart,
  softAndHardFloatMixed,
  startByUnknownUser,
  startFileMissing,
  startForNewerMachine,
  startIsFolder,
  startMissing,
  startNotAProgram,
  startNotExecutable,
  startNotPermitted,
  startOfOtherArchitecture,
  startScriptWithCrlf,
  startScriptWithoutInterpreter,
  startWithoutShell,
  annotationsDiffer,
  baseDiffers,
  createdDiffers,
  envDiffers,
  filesMissingOnSome,
  healthcheckDiffers,
  labelMissingOnSome,
  labelsDiffer,
  modeDiffers,
  packagesDiffer,
  portsDiffer,
  secretFile,
  setuidDiffers,
  sizesFarApart,
  standardLabelsMissing,
  startDiffers,
  stopSignalDiffers,
  userDiffers,
  volumesDiffer,
  workdirDiffers,
  worldWritableDiffers,
  differsFromOther,
  smokeFailed,
  smokeNotRun,
];
