// Every error that a caller can meet, so that it can tell them apart by class or by `code`; each says what to do about it
// (`hint`) and where to read on (`read`: a page of the project).
import { codeOf } from './codes.js';

const CODES_PAGE = 'docs/protocol.md#codes';
const PACKAGE_PAGE = 'protocol/js/README.md';

/** What helps, by code: short, since every player loads it. */
const HINTS = /** @type {{[code: string]: string}} */ ({
  'no-core': 'Build the server with clang, lld and wasi-libc, or hand the .wasm in as options.core.',
  lost: 'Is the server up, and is options.url its address?',
  protocol: 'Load /sdk.js and the .wasm from the server that you play on.',
  hash: "All is asked for anew. If it stays so, the .wasm is not this server's.",
  'no-game': "Look at the server's setting 'games'.",
  'bad-name': 'At most 23 bytes, not only spaces.',
  'bad-room': '1 to 23 of a-z, 0-9 and -.',
  'bad-token': "options.device '' asks for a new one.",
  'server-full': 'It comes back by itself.',
  'room-full': 'Ask for another room.',
  replaced: 'It plays elsewhere, as in another tab.',
  timeout: 'options.timeout gives it longer.',
  busy: 'Wait for earlier answers.',
});

/** Anything that Tidewire throws or hands to an 'error' listener. */
export class TidewireError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'TidewireError'; // of its classes' own names the bundle leaves nothing
    this.code = code;
    this.hint = HINTS[code] ?? '';
    this.read = PACKAGE_PAGE;
  }
}

/** The game's .wasm cannot be had, or is none. */
export class CoreError extends TidewireError {
  /** @param {string} message */
  constructor(message) {
    super('no-core', message);
  }
}

/** The server sent what the specification does not allow (or the other way round). */
export class ProtocolError extends TidewireError {
  /** @param {string} message */
  constructor(message) {
    super('protocol', message);
    this.read = 'docs/protocol.md';
  }
}

/** What we hold is not what the server says we hold: reported, then everything is asked for anew. */
export class HashError extends TidewireError {
  /** @param {number} tick */
  constructor(tick) {
    super('hash', `rows differ from the server's at tick ${tick}`);
    this.tick = tick;
    this.read = 'docs/protocol.md#hash';
  }
}

/** The conversation ended; `close` is the number of docs/protocol.md's table, `retry` whether coming back makes sense. */
export class ClosedError extends TidewireError {
  /** @param {number} close @param {string} [text] */
  constructor(close, text) {
    const { name, retry } = codeOf(close);
    super(name, text || name.replace('-', ' '));
    this.close = close;
    this.retry = retry;
    this.read = CODES_PAGE;
  }
}

/** A call was refused (`status` 1 … 255), took too long (`timeout`) or lost its connection (`lost`). */
export class CallError extends TidewireError {
  /** @param {string} code @param {string} message @param {number} [status] */
  constructor(code, message, status = 0) {
    super(code, message);
    this.status = status;
  }
}
