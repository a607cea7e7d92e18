// Why a conversation ended: the table of docs/protocol.md and protocol/codes.h (a test compares them).

/** @type {ReadonlyArray<readonly [number, string, boolean, string]>} code, name, retry, words */
export const CODES = [
  [1003, 'text', false, 'text where binary is due'],
  [1008, 'fragments', false, 'too many fragments'],
  [1009, 'too-long', false, 'message too long'],
  [4000, 'left', false, 'you left'],
  [4001, 'shutdown', true, 'server shutting down'],
  [4002, 'malformed', false, 'malformed message'],
  [4003, 'unknown', false, 'unknown message'],
  [4004, 'range', false, 'value out of range'],
  [4010, 'hello-late', true, 'no HELLO in time'],
  [4011, 'hello-twice', false, 'second HELLO'],
  [4012, 'hello-first', false, 'HELLO must come first'],
  [4013, 'bad-name', false, 'bad name'],
  [4014, 'bad-token', false, 'bad token'],
  [4020, 'no-game', false, 'no such game'],
  [4021, 'bad-room', false, 'bad room name'],
  [4022, 'room-full', true, 'room full'],
  [4023, 'server-full', true, 'server full'],
  [4030, 'flood', false, 'too many messages'],
  [4031, 'silent', true, 'silent for too long'],
  [4032, 'replaced', false, 'session taken over by another connection'],
  [4033, 'kicked', false, 'kicked by the game'],
  [4034, 'room-ended', true, 'room ended'],
  [4035, 'too-slow', true, 'too slow for events that must arrive'],
  [4036, 'idle', false, 'idle for too long'],
  [4040, 'sequence', false, 'input sequence went backwards'],
  [4050, 'broken', true, 'server error'],
];

/** What a close code means. A stranger (1001, 1006 and the like) is a lost connection: worth another try. */
export function codeOf(/** @type {number} */ code) {
  const found = CODES.find((entry) => entry[0] === code);
  if (!found) return { code, name: 'lost', retry: true, text: 'connection lost' };
  return { code, name: found[1], retry: found[2], text: found[3] };
}
