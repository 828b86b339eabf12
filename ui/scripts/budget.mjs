/** Fails the build when the page has grown too heavy to open in an instant. */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Bytes of JavaScript, compressed, all chunks together. */
const BUDGET = 120_000;

const folder = new URL("../dist/assets/", import.meta.url);
const total = readdirSync(folder)
  .filter((name) => name.endsWith(".js"))
  .map((name) => gzipSync(readFileSync(new URL(name, folder))).length)
  .reduce((sum, size) => sum + size, 0);

console.log(`JavaScript: ${(total / 1000).toFixed(1)} of ${BUDGET / 1000} kB, compressed`);
if (total > BUDGET) process.exitCode = 1;
