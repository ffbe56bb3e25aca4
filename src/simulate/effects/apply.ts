import type { Environment } from "../environment.ts";
import type { Operation, OperationKind } from "../operation.ts";
import { createBuilder, installBuildx, removeBuilder, useBuilder } from "./builders.ts";
import { createContext, useContext } from "./contexts.ts";
import { startDaemon } from "./daemon.ts";
import { doubt } from "./doubt.ts";
import type { Effect, EffectContext } from "./effect.ts";
import { installEmulators } from "./emulators.ts";
import { build, loadImage, pullImage, tagImage } from "./images.ts";
import { logIn } from "./log-in.ts";
import { setVariable } from "./variables.ts";
import { checkOut, downloadArtifact, writeFile } from "./workspace.ts";

export type { EffectContext } from "./effect.ts";

/** Kinds that are not here leave the machine as it is: they only speak to registries and services. */
const EFFECTS: { readonly [K in OperationKind]?: Effect<K> } = {
  build,
  "check-out": checkOut,
  "create-builder": createBuilder,
  "create-context": createContext,
  "download-artifact": downloadArtifact,
  doubt,
  "install-buildx": installBuildx,
  "install-emulators": installEmulators,
  "load-image": loadImage,
  "log-in": logIn,
  "pull-image": pullImage,
  "remove-builder": removeBuilder,
  "set-variable": setVariable,
  "start-daemon": startDaemon,
  "tag-image": tagImage,
  "use-builder": useBuilder,
  "use-context": useContext,
  "write-file": writeFile,
};

/** The environment after an operation that succeeds. Pure; returns the very same object where nothing changes. */
export function applyOperation(operation: Operation, environment: Environment, context: EffectContext): Environment {
  const effect = EFFECTS[operation.kind] as Effect<OperationKind> | undefined;
  return effect === undefined ? environment : effect(operation, environment, context);
}
