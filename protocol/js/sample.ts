// Not run: `tsc` reads it, so that the hand-written types stay usable for a game that names its tables.
import { connect, CallError, type Game } from './index.js';
import { History } from './history.js';

interface Dots extends Game {
  rows: { dot: { x: number; y: number; score: number }; coin: { x: number; y: number } };
  input: { x: number; y: number };
  events: { taken: { by: number } };
  calls: { paint: { ask: { hue: number }; answer: { hue: number } } };
}

const room = connect<Dots>({ game: 'dots', name: 'Ada' });
const past = new History(room, 'dot');
room.on('state', (state) => console.log(state === 'playing' ? room.rtt : room.error?.message));
room.onEvent('taken', ({ by }, event) => console.log(by + event.tick));
room.on('frame', () => {
  past.at(room.tickNow() - 1.5);
  for (const dot of room.rows('dot')) console.log(dot.x * 2, dot.slot, past.value(dot.slot, 0));
});
room.input({ x: 1 });
room.call('paint', { hue: 120 }).then(({ hue }) => hue + 1, (error: CallError) => error.status);

// What is promised in index.d.ts is what room.js has.
import type { Room } from './index.js';
export const promised: Room = null as unknown as import('./room.js').Room;
