import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/svelte";

// A machine that does other things meanwhile is no defect of the page.
configure({ asyncUtilTimeout: 10_000 });

/** What jsdom lacks of dialogs and popovers: enough of it that focus and events are as in a browser. */
HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector<HTMLElement>("button, input, select, textarea")?.focus();
};
HTMLDialogElement.prototype.close = function () {
  if (!this.open) return;
  this.open = false;
  this.dispatchEvent(new Event("close"));
};
HTMLElement.prototype.showPopover = function () {};
HTMLElement.prototype.hidePopover = function () {};

/** There is no layout in jsdom, so nothing is ever measured. */
globalThis.ResizeObserver = class implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
};

/** Nor is anything painted. */
HTMLCanvasElement.prototype.getContext = () => null;
