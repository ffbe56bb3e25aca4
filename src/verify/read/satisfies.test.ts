import { expect, test } from "vitest";
import { parsePlatform } from "../../core/platform.ts";
import { satisfies } from "./satisfies.ts";

test.each([
  ["linux/arm64", "linux/arm64/v8", true],
  ["linux/arm64/v8", "linux/arm64", true],
  ["linux/arm", "linux/arm/v7", true],
  ["linux/arm/v7", "linux/arm/v6", false],
  ["linux/amd64", "linux/amd64/v3", false],
  ["linux/amd64", "windows/amd64", false],
  ["windows/amd64", "windows(10.0.17763.6893)/amd64", true],
  ["windows(10.0.17763)/amd64", "windows(10.0.17763.6893)/amd64", true],
  ["windows(10.0.1776)/amd64", "windows(10.0.17763.6893)/amd64", false],
  ["windows(10.0.17763)/amd64", "windows/amd64", false],
])("%s is met by %s: %s", (wanted, offered, met) => {
  expect(satisfies(parsePlatform(wanted), parsePlatform(offered))).toBe(met);
});
