// What a transport is: a way for whole messages, one file each, so that a bundler drops those that nobody names.
// It knows bytes and codes, nothing of what they say; the first message sent is always HELLO.

/** What transports need from the world; a test gives its own. */
/** @typedef {{WebSocket: any, EventSource: any, fetch: typeof fetch, storage: Pick<Storage, 'getItem'|'setItem'|'removeItem'>|null,
 *   now(): number, random(): number, setTimeout: (run: () => void, ms: number) => any, clearTimeout: (id: any) => void}} World */

/** Who listens to a line. `open`: HELLO may be sent; `down`: the line is gone, by a code of docs/protocol.md or 1006; `holds`:
 * what the client has applied.
 * @typedef {{open(): void, message(bytes: Uint8Array): void, down(code: number, text: string): void,
 *   holds(): {tick: number, event: number}, anew(): void}} Ears */

/** `close` lets go without telling the ears. `acks`: fetching says itself what was applied, so that no ACK need be sent.
 * @typedef {{send(bytes: Uint8Array): void, close(code?: number, reason?: string): void, acks?: boolean}} Line */

/** `dial` begins a line to the server's /play, a ws or wss URL; it calls the ears only after it has returned.
 * @typedef {{name: string, fits(world: World): boolean, dial(url: string, world: World, ears: Ears): Line}} Transport */

export {};
