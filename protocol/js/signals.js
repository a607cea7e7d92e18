// Listeners by name. One that throws is reported as uncaught and harms nobody else: least of all the replica.

export class Signals {
  /** @type {Map<string, Set<(...what: any[]) => void>>} */ #listeners = new Map();

  /** Returns the function that takes the listener off again. @param {string} name @param {(...what: any[]) => void} listener */
  on(name, listener) {
    let set = this.#listeners.get(name);
    if (!set) this.#listeners.set(name, (set = new Set()));
    set.add(listener);
    return () => void set.delete(listener);
  }

  /** @param {string} name @param {...any} what */
  emit(name, ...what) {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(...what);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }
}
