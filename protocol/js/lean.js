// `connect()` without transports of its own: what is not imported is not bundled.
//   import { connect } from 'tidewire/lean'; import { websocket } from 'tidewire/transports';
//   connect({ game: 'dots', transports: [websocket] });
import { Room } from './room.js';

/** @param {import('./index.js').ConnectOptions & {transports: import('./transports/transport.js').Transport[]}} options */
export function connect(options) {
  return new Room(options);
}
