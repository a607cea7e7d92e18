// Tidewire's client package: `connect()` and what it gives. Runs in browsers, workers and Node.
export { connect, Room } from './client.js';
export { History } from './history.js';
export { CODES, codeOf } from './codes.js';
export { TidewireError, ProtocolError, HashError, ClosedError, CallError } from './errors.js';
export { defaultStore, memoryStore } from './store.js';
export { SUBPROTOCOL } from './link.js';
