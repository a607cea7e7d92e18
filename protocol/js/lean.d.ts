import type { ConnectOptions, Game, Room, Transport } from './index.js';

/** As connect() of the whole package, with these transports alone. */
export function connect<G extends Game = Game>(options: ConnectOptions & { transports: readonly Transport[] }): Room<G>;
