import type { Transport } from '../index.js';

/** One WebSocket: the first choice. */
export const websocket: Transport;
/** An HTTP answer that never ends. */
export const stream: Transport;
/** Server-Sent Events. */
export const sse: Transport;
/** Requests that are held until there is something to say. */
export const poll: Transport;
/** The whole state again and again: only to compare with. */
export const pull: Transport;
