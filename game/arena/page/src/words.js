// @ts-check
// Why there is no arena just now, as players would say it: by the codes of the package's errors (a test knows that each has words).

const MISUNDERSTOOD = 'This page and the server do not understand each other. Loading it anew may help.';

/** @type {{[code: string]: string}} */
const WORDS = {
  left: 'You left.',
  replaced: 'You are playing in another tab.',
  kicked: 'You were sent out of this room.',
  idle: 'Nothing happened at your controls for a long while, so your seat was given away.',
  flood: 'This page said too much at once.',
  'bad-name': 'That name cannot be used.',
  'bad-room': 'A room\'s name has letters from a to z, digits and dashes only.',
  'bad-token': 'The server does not know this device any more. Fly again to begin anew.',
  'no-game': 'This server does not run the arena.',
  'no-core': 'The game could not be loaded.',
  'server-full': 'All seats are taken, and so is the line before them.',
  'room-full': 'All seats are taken.',
  shutdown: 'The server is being restarted.',
  broken: 'The server had a mishap.',
  'room-ended': 'This room has ended.',
  silent: 'The line went silent.',
  'too-slow': 'The line is too slow just now.',
  'hello-late': 'The line is too slow just now.',
  lost: 'The server cannot be reached.',
  text: MISUNDERSTOOD, fragments: MISUNDERSTOOD, 'too-long': MISUNDERSTOOD, malformed: MISUNDERSTOOD, unknown: MISUNDERSTOOD, range: MISUNDERSTOOD,
  'hello-twice': MISUNDERSTOOD, 'hello-first': MISUNDERSTOOD, sequence: MISUNDERSTOOD, protocol: MISUNDERSTOOD, hash: MISUNDERSTOOD,
};

/** A sentence for what went wrong; empty if nothing did. @param {any} error */
export const why = (error) => (error ? WORDS[error.code] ?? `${error.message}.` : '');

/** Whether nothing is wrong but that too many want to play. @param {any} error */
export const isFull = (error) => error?.code === 'server-full' || error?.code === 'room-full';

/** A place in the line of those who wait, in words. @param {number} place */
export const inLine = (place) => (place === 1 ? 'You are next in line' : `${place - 1} before you in line`);

/** When it is tried again. @param {import('tidewire').Room} room */
export function again(room) {
  const left = Math.ceil((room.retryAt - performance.now()) / 1000);
  return room.state === 'waiting' && left > 1 ? `Trying again in ${left} s …` : 'Trying again …';
}
