import { flushSync } from "svelte";
import { expect, it, vi } from "vitest";

import { Images } from "./images.svelte";

const ICON = "/cache/tidings/images/a.png";

it("asks once for an image, and shows it when it is there", async () => {
  const fetch = vi.fn(() => Promise.resolve("data:image/png;base64,AA=="));
  const images = new Images(fetch);
  const shown: string[] = [];
  const stop = $effect.root(() => {
    $effect(() => void shown.push(images.of(ICON)));
  });
  flushSync();
  await Promise.resolve();
  flushSync();
  images.of(ICON);
  stop();
  expect(shown).toEqual(["", "data:image/png;base64,AA=="]);
  expect(fetch.mock.calls, "one call for all rows").toEqual([[ICON]]);
});

it("asks for nothing where the icon is a name", () => {
  const fetch = vi.fn(() => Promise.resolve(null));
  const images = new Images(fetch);
  expect(
    ["", "mail-unread", "https://elsewhere.example/a.png"].map((icon) => images.of(icon)),
  ).toEqual(["", "", ""]);
  expect(fetch).not.toHaveBeenCalled();
});

it("asks again after the daemon was away, and not after it had none", async () => {
  const fetch = vi.fn<(icon: string) => Promise<string | null>>(() => Promise.resolve(null));
  fetch.mockRejectedValueOnce("away");
  const images = new Images(fetch);
  images.of(ICON);
  await Promise.resolve();
  await Promise.resolve();
  images.of(ICON);
  await Promise.resolve();
  images.of(ICON);
  expect(fetch).toHaveBeenCalledTimes(2);
});
