// Why a conversation ended: the table of docs/protocol.md and protocol/codes.h (a test compares them). Its words are the server's
// to say; they come with the code.

/** @type {ReadonlyArray<readonly [code: number, name: string, retry?: boolean]>} retry: coming back makes sense */
export const CODES = [
  [1003, 'text'],
  [1008, 'fragments'],
  [1009, 'too-long'],
  [4000, 'left'],
  [4001, 'shutdown', true],
  [4002, 'malformed'],
  [4003, 'unknown'],
  [4004, 'range'],
  [4010, 'hello-late', true],
  [4011, 'hello-twice'],
  [4012, 'hello-first'],
  [4013, 'bad-name'],
  [4014, 'bad-token'],
  [4020, 'no-game'],
  [4021, 'bad-room'],
  [4022, 'room-full', true],
  [4023, 'server-full', true],
  [4030, 'flood'],
  [4031, 'silent', true],
  [4032, 'replaced'],
  [4033, 'kicked'],
  [4034, 'room-ended', true],
  [4035, 'too-slow', true],
  [4036, 'idle'],
  [4040, 'sequence'],
  [4050, 'broken', true],
];
/** @type {readonly [number, string, boolean]} a stranger (1001, 1006 and the like) is a lost connection: worth another try */
const LOST = [0, 'lost', true];

/** What a close code means. @param {number} code */
export function codeOf(code) {
  const [, name, retry = false] = CODES.find(([known]) => known === code) ?? LOST;
  return { code, name, retry };
}
