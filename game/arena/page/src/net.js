// @ts-check
// The page's one room, and what a returning player is remembered by. Connects before anything is drawn.
import { connect } from 'tidewire';
import { remember, remembered } from './memory.js';

/** @returns {{name: string, hue: number}} */
function pilot() {
  const { name = '', hue = -1 } = remembered('pilot');
  return { name: String(name), hue: hue >= 0 && hue < 360 ? hue : -1 };
}

/** The room's name may ride in the address: `?room=friends`. One that cannot be is refused by the server, and told. */
const roomAsked = () => (new URLSearchParams(location.search).get('room') ?? '').toLowerCase();

export function openNet() {
  const known = pilot();
  /** @type {import('tidewire').Room<import('./arena.js').Arena>} */
  const room = connect({ game: 'arena', room: roomAsked(), name: known.name, mine: { shot: 'owner' } });
  let painted = ''; // the session that has our colour
  const paint = () => {
    if (known.hue < 0 || room.state !== 'playing') return;
    painted = room.session;
    room.call('paint', { hue: known.hue }).catch(() => { painted = ''; });
  };
  room.on('state', (state) => { if (state === 'playing' && painted !== room.session) paint(); });
  addEventListener('pagehide', (event) => { if (!event.persisted) room.leave(); });
  return {
    room, known,
    /** Takes name and colour; another name means entering anew. @param {string} name @param {number} hue */
    choose(name, hue) {
      Object.assign(known, { name, hue });
      remember('pilot', known);
      painted = '';
      if (room.state === 'over' || (name && name !== room.name)) return room.rejoin({ name });
      paint();
      room.wake();
    },
  };
}

/** The ten best of all time; null if nobody can say. @returns {Promise<{name: string, best: number, kept: number}[]|null>} */
export async function fetchTop() {
  try {
    const answer = await fetch('/api/top?game=arena', { signal: AbortSignal.timeout(4000) });
    const { top } = await answer.json();
    return top.slice(0, 10);
  } catch {
    return null;
  }
}
