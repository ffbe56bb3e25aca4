import { describe, expect, test } from "vitest";
import type { ImageStore } from "./environment.ts";
import { chosenStore, parseDaemonConfig } from "./image-store.ts";

const ON = `{"features": {"containerd-snapshotter": true}}`;
const OFF = `{"features": {"containerd-snapshotter": false}}`;

describe("the image store that a daemon takes", () => {
  test.each<[string, string | undefined, string, ImageStore | undefined, ImageStore]>([
    ["Docker 28 by default", "28.0.4", "{}", undefined, "classic"],
    ["Docker 29 by default", "29.1.5", "{}", undefined, "containerd"],
    ["Docker 29, written short", "29", "{}", undefined, "containerd"],
    ["Docker 28 with the feature", "28.0.4", ON, undefined, "containerd"],
    ["Docker 29 without the feature", "29.0.0", OFF, undefined, "classic"],
    ["Docker 29 on classic data", "29.0.0", "{}", "classic", "classic"],
    ["Docker 29 with the feature, on classic data", "29.0.0", ON, "classic", "containerd"],
    ["Docker 29 on data that nobody knows", "29.0.0", "{}", "unknown", "unknown"],
    ["Docker 29 with overlay2", "29.0.0", `{"storage-driver": "overlay2"}`, undefined, "classic"],
    ["Docker 29 with a snapshotter", "29.0.0", `{"storage-driver": "overlayfs"}`, undefined, "containerd"],
    ["Docker 29 with userns-remap", "29.0.0", `{"userns-remap": "default"}`, undefined, "classic"],
    ["Docker 20.10 with the feature, which it does not know", "20.10.22", ON, undefined, "classic"],
    ["Docker 23 with the feature, an experiment", "23.0.6", ON, undefined, "unknown"],
    ["an unknown Docker", undefined, "{}", undefined, "unknown"],
    ["an unknown Docker with the feature", undefined, ON, undefined, "containerd"],
    ["a feature that is no boolean", "28.0.4", `{"features": {"containerd-snapshotter": "true"}}`, undefined, "classic"],
  ])("%s", (_name, version, config, before, store) => {
    expect(chosenStore(version, parseDaemonConfig(config)!, before)).toBe(store);
  });
  test.each(["features: {}", "[]", "null", `{"features": `, "// none\n{}"])("%s is no daemon.json", (text) => {
    expect(parseDaemonConfig(text)).toBeUndefined();
  });
});
