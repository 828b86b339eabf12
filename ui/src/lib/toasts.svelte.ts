/** What the page says in passing, with a way to take it back. */

/** Long enough to read it and to reach the button. */
const SHOWN_FOR = 10_000;
/** More than that and the oldest goes. */
const AT_MOST = 3;

export interface Toast {
  id: number;
  text: string;
  look: "plain" | "error";
  action?: { label: string; run: () => void };
}

export class Toasts {
  items = $state<Toast[]>([]);
  #next = 1;
  #held = false;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: { look?: Toast["look"]; action?: Toast["action"] } = {}): number {
    const toast: Toast = { id: this.#next++, text, look: options.look ?? "plain" };
    if (options.action) toast.action = options.action;
    this.items.push(toast);
    while (this.items.length > AT_MOST) this.dismiss(this.items[0]!.id);
    if (!this.#held) this.#start(toast.id);
    return toast.id;
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.items = this.items.filter((toast) => toast.id !== id);
    if (this.items.length === 0) this.#held = false;
  }

  /** While the pointer or the focus is on them nothing disappears. */
  hold(): void {
    this.#held = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  release(): void {
    this.#held = false;
    for (const toast of this.items) this.#start(toast.id);
  }

  #start(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_FOR),
    );
  }
}
