// What transports/later.js fetches.
export { poll } from './poll.js';
export { pull } from './pull.js';
export { sse } from './sse.js';
export { stream } from './stream.js';
