// Messages in a row of bytes, each with its length before it as an unsigned LEB128 number, however they are cut. A length
// of 0 is no message, only a sign that the line stands.

const LENGTH_MAX = 1 << 20; // far beyond any message: only bounds what is kept

/** How many bytes the length of a message takes. @param {number} length */
const headSize = (length) => (length < 0x80 ? 1 : length < 0x4000 ? 2 : 3);

/** Writes one message with its length; gives where the next begins. @param {Uint8Array} into @param {number} at @param {Uint8Array} message */
export function putPiece(into, at, message) {
  for (let left = message.length; ; left >>>= 7) {
    into[at++] = left > 0x7f ? (left & 0x7f) | 0x80 : left;
    if (left <= 0x7f) break;
  }
  into.set(message, at);
  return at + message.length;
}

/** Bytes that a message takes with its length. @param {Uint8Array} message */
export const pieceSize = (message) => headSize(message.length) + message.length;

export class Pieces {
  constructor() {
    /** @type {Uint8Array} of a message that is not all there */ this.rest = new Uint8Array(0);
  }

  /** Tells each message that is whole now. False if what came cannot be. @param {Uint8Array} bytes @param {(message: Uint8Array) => void} tell */
  feed(bytes, tell) {
    const all = this.rest.length ? joined(this.rest, bytes) : bytes;
    let at = 0;
    for (;;) {
      const head = length(all, at);
      if (head.value > LENGTH_MAX) return false;
      if (!head.size || at + head.size + head.value > all.length) break;
      if (head.value) tell(all.subarray(at + head.size, at + head.size + head.value));
      at += head.size + head.value;
    }
    this.rest = at < all.length ? all.slice(at) : new Uint8Array(0);
    return true;
  }
}

/** The number that begins at `at`; size 0: it does not end within the bytes. @param {Uint8Array} bytes @param {number} at */
function length(bytes, at) {
  let value = 0;
  for (let size = 1; at < bytes.length && size <= 4; size++) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << (7 * (size - 1));
    if (byte < 0x80) return { value, size };
  }
  return { value: at < bytes.length ? Infinity : 0, size: 0 };
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
