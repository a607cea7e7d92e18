// Every error that a caller can meet, so that it can tell them apart by class or by `code`.
import { codeOf } from './codes.js';

/** Anything that Tidewire throws or hands to an 'error' listener. */
export class TidewireError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The server sent what the specification does not allow (or the other way round). */
export class ProtocolError extends TidewireError {
  /** @param {string} message */
  constructor(message) {
    super('protocol', message);
  }
}

/** What we hold is not what the server says we hold: reported, then everything is asked for anew. */
export class HashError extends TidewireError {
  /** @param {number} tick @param {bigint} stated @param {bigint} ours */
  constructor(tick, stated, ours) {
    super('hash', `rows differ from the server's at tick ${tick}`);
    this.tick = tick;
    this.stated = stated;
    this.ours = ours;
  }
}

/** The conversation ended; `close` is the number of docs/protocol.md's table, `retry` whether coming back makes sense. */
export class ClosedError extends TidewireError {
  /** @param {number} close @param {string} [text] */
  constructor(close, text) {
    const known = codeOf(close);
    super(known.name, text || known.text);
    this.close = close;
    this.retry = known.retry;
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
