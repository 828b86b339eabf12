import "@testing-library/jest-dom/vitest";

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
