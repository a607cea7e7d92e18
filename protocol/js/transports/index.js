// All transports; a bundler keeps those that are named.
export { poll } from './poll.js';
export { pull } from './pull.js';
export { sse } from './sse.js';
export { stream } from './stream.js';
export { websocket } from './websocket.js';
