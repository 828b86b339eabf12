/** For tests of views: the daemon answers within some turns of the event loop. */

import axe from "axe-core";
import { tick } from "svelte";

const TURNS = 20;
/** How long a test that looks for barriers may take: each rule visits each element. */
export const PATIENCE = 60_000;

/** After everything that was asked has been answered and drawn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  await tick();
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  await tick();
}

/** What a screen reader or a keyboard would stumble over; contrast needs a real browser. */
export async function barriers(element: Element = document.body): Promise<string[]> {
  const { violations } = await axe.run(element, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
