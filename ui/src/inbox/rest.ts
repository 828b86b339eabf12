/** What a row need not have while it flies past: it gets that when the list rests, a few rows at a time. */

/** After that long without a new row the list rests: too short for a hand to have reached a button. */
const REST = 100;
/** So that no frame waits for a whole screen of rows. */
const AT_ONCE = 3;
const FRAME = 16;

const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls back once, and not any more when what it answers was called before. */
export function atRest(finish: () => void): () => void {
  waiting.add(finish);
  clearTimeout(timer);
  timer = setTimeout(finishSome, REST);
  return () => waiting.delete(finish);
}

function finishSome(): void {
  for (const finish of [...waiting].slice(0, AT_ONCE)) {
    waiting.delete(finish);
    finish();
  }
  if (waiting.size > 0) timer = setTimeout(finishSome, FRAME);
}
