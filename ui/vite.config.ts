import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    // WebKitGTK 2.40 and later, all that a supported distribution ships.
    target: "safari16",
    // One file each: a window that opens in an instant does not wait for a chain of requests.
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      output: {
        // All that the first look needs is one file as well, also what other parts need too.
        codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] },
      },
    },
  },
  test: {
    environment: "jsdom",
    // A machine that does other things meanwhile is no defect of the page.
    testTimeout: 30_000,
    setupFiles: ["./src/test-setup.ts"],
    include: ["src/**/*.test.ts"],
  },
});
