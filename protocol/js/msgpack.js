// The few MessagePack forms that Tidewire uses, read with a bounded cursor and written into one buffer.
// Maps, floats of 64 bits, bin and ext are errors, and a count can never be larger than the bytes that remain.
import { ProtocolError } from './errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();
const NESTING_MAX = 8; // a schema nests five deep; deeper is nonsense and must not grow our stack

/** Reads one message from its first byte to its last. */
export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  get left() {
    return this.bytes.length - this.at;
  }

  /** Moves over `count` bytes and returns where they begin. @param {number} count */
  take(count) {
    if (count > this.left) throw new ProtocolError('message ends too early');
    const at = this.at;
    this.at += count;
    return at;
  }

  /** How many elements the array that begins here has. */
  array() {
    const head = this.bytes[this.take(1)];
    let count;
    if (head >= 0x90 && head <= 0x9f) count = head & 15;
    else if (head === 0xdc) count = this.view.getUint16(this.take(2));
    else if (head === 0xdd) count = this.view.getUint32(this.take(4));
    else throw new ProtocolError('an array was due');
    if (count > this.left) throw new ProtocolError('array longer than its message');
    return count;
  }

  /** A whole number, at most ±2^53. */
  int() {
    const head = this.bytes[this.take(1)];
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 256;
    switch (head) {
      case 0xcc: return this.bytes[this.take(1)];
      case 0xcd: return this.view.getUint16(this.take(2));
      case 0xce: return this.view.getUint32(this.take(4));
      case 0xd0: return this.view.getInt8(this.take(1));
      case 0xd1: return this.view.getInt16(this.take(2));
      case 0xd2: return this.view.getInt32(this.take(4));
      case 0xcf: return safe(this.view.getBigUint64(this.take(8)));
      case 0xd3: return safe(this.view.getBigInt64(this.take(8)));
    }
    throw new ProtocolError('a whole number was due');
  }

  /** A whole number ≥ 0, at most `max`. */
  uint(max = 0xffffffff) {
    const value = this.int();
    if (value < 0 || value > max) throw new ProtocolError('number out of range');
    return value;
  }

  /** A whole number ≥ 0 of up to 64 bits. */
  big() {
    if (this.bytes[this.at] === 0xcf) return this.view.getBigUint64(this.take(9) + 1);
    return BigInt(this.uint(Number.MAX_SAFE_INTEGER));
  }

  /** A float32; whole numbers do as well. */
  float() {
    if (this.bytes[this.at] !== 0xca) return this.int();
    return this.view.getFloat32(this.take(5) + 1);
  }

  /** A string of at most `max` bytes. */
  text(max = 65535) {
    const head = this.bytes[this.take(1)];
    let size;
    if (head >= 0xa0 && head <= 0xbf) size = head & 31;
    else if (head === 0xd9) size = this.bytes[this.take(1)];
    else if (head === 0xda) size = this.view.getUint16(this.take(2));
    else if (head === 0xdb) size = this.view.getUint32(this.take(4));
    else throw new ProtocolError('a string was due');
    if (size > max) throw new ProtocolError('string too long');
    const at = this.take(size);
    try {
      return utf8.decode(this.bytes.subarray(at, at + size));
    } catch {
      throw new ProtocolError('a string is not UTF-8');
    }
  }

  /** Moves over one element, whatever it is. */
  skip(depth = 0) {
    const head = this.bytes[this.at];
    if (head === 0xc0 || head === 0xc2 || head === 0xc3) this.take(1);
    else if (head === 0xca) this.take(5);
    else if ((head >= 0xa0 && head <= 0xbf) || (head >= 0xd9 && head <= 0xdb)) this.#skipText(head);
    else if ((head >= 0x90 && head <= 0x9f) || head === 0xdc || head === 0xdd) {
      if (depth === NESTING_MAX) throw new ProtocolError('arrays too deep');
      for (let count = this.array(); count > 0; count--) this.skip(depth + 1);
    } else if (head === 0xcf || head === 0xd3) this.take(9);
    else this.int();
  }

  #skipText(/** @type {number} */ head) {
    const at = this.take(1) + 1;
    if (head <= 0xbf) this.take(head & 31);
    else if (head === 0xd9) this.take(1 + (this.bytes[at] ?? 0));
    else if (head === 0xda) this.take(2 + (this.left >= 2 ? this.view.getUint16(at) : 0));
    else this.take(4 + (this.left >= 4 ? this.view.getUint32(at) : 0));
  }

  /** Nothing may follow. */
  done() {
    if (this.left) throw new ProtocolError('bytes after the message');
  }
}

function safe(/** @type {bigint} */ value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ProtocolError('number out of range');
  return number;
}

/** Writes one message; the buffer is used again for the next. A message up has at most 1,024 bytes. */
export class Writer {
  constructor(size = 1024) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.at = 0;
  }

  /** Begins a message: an array of `count` elements. @param {number} count */
  begin(count) {
    this.at = 0;
    return this.array(count);
  }

  /** The message so far, as a view that holds until the next `begin`. */
  end() {
    return this.bytes.subarray(0, this.at);
  }

  #room(/** @type {number} */ count) {
    if (this.at + count > this.bytes.length) throw new ProtocolError('message too long');
    const at = this.at;
    this.at += count;
    return at;
  }

  #byte(/** @type {number} */ value) {
    this.bytes[this.#room(1)] = value;
  }

  /** @param {number} count */
  array(count) {
    if (count < 16) this.#byte(0x90 | count);
    else {
      this.#byte(0xdc);
      this.view.setUint16(this.#room(2), count);
    }
    return this;
  }

  /** A whole number, at most ±2^53. @param {number} value */
  int(value) {
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number: ${value}`);
    if (value >= 0) this.#positive(value);
    else this.#negative(value);
    return this;
  }

  #positive(/** @type {number} */ value) {
    if (value < 0x80) return this.#byte(value);
    if (value <= 0xff) return this.#byte(0xcc), this.#byte(value);
    if (value <= 0xffff) return this.#byte(0xcd), this.view.setUint16(this.#room(2), value);
    if (value <= 0xffffffff) return this.#byte(0xce), this.view.setUint32(this.#room(4), value);
    this.#byte(0xcf);
    this.view.setBigUint64(this.#room(8), BigInt(value));
  }

  #negative(/** @type {number} */ value) {
    if (value >= -32) return this.#byte(value + 256);
    if (value >= -0x80) return this.#byte(0xd0), this.#byte(value + 256);
    if (value >= -0x8000) return this.#byte(0xd1), this.view.setInt16(this.#room(2), value);
    if (value >= -0x80000000) return this.#byte(0xd2), this.view.setInt32(this.#room(4), value);
    this.#byte(0xd3);
    this.view.setBigInt64(this.#room(8), BigInt(value));
  }

  /** Bytes that were written before. @param {Uint8Array} bytes */
  append(bytes) {
    this.bytes.set(bytes, this.#room(bytes.length));
    return this;
  }

  /** @param {string} value */
  text(value) {
    const bytes = toUtf8.encode(value);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else if (bytes.length < 256) this.#byte(0xd9), this.#byte(bytes.length);
    else throw new RangeError('string too long');
    this.bytes.set(bytes, this.#room(bytes.length));
    return this;
  }
}
