// Tidewire's client package: `connect()` and what it gives. Runs in browsers, workers and Node.
import { Room } from './room.js';
import { poll, pull, sse, stream } from './transports/later.js';
import { websocket } from './transports/websocket.js';

const ALL = [websocket, stream, sse, poll, pull];
const USUAL = [websocket, stream, sse, poll];

/** Enters a room, and keeps coming back to it. @param {import('./index.js').ConnectOptions} options */
export function connect(options) {
  return new Room({ ...options, transports: (options.transports ?? USUAL).map(find) });
}

/** @param {string|import('./transports/transport.js').Transport} way */
function find(way) {
  const found = typeof way === 'string' ? ALL.find(({ name }) => name === way) : way;
  if (!found) throw new TypeError(`there is no transport '${way}': ${ALL.map(({ name }) => name).join(', ')}`);
  return found;
}

export { Room };
export { CODES, codeOf } from './codes.js';
export { loadCore } from './core.js';
export { TidewireError, ProtocolError, HashError, ClosedError, CallError, CoreError } from './errors.js';
export { defaultStore, memoryStore } from './store.js';
export { SUBPROTOCOL } from './transports/websocket.js';
