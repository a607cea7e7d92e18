// Two clocks. `ServerClock`: the server's steady clock, from PINGs with four stamps. `TickClock`: which tick
// should be arriving now, from when frames arrived; drawing follows it. Both glide to what they learn, and
// jump only when they were far off. Times are milliseconds, the server's stamps microseconds.

const SAMPLES = 16;
const SLEW = 0.05; // of the time that passed: a clock that glides is never seen to run wrong
const STEP_MS = 500; // farther off than this (the machine slept): jump

export class ServerClock {
  constructor() {
    /** @type {{rtt: number, offset: number}[]} */ this.samples = [];
    this.rtt = 0;
    this.offset = 0;
    this.at = 0;
    this.known = false;
  }

  /** A first guess, until a PONG knows better. @param {number} now @param {number} server ms */
  guess(now, server) {
    this.samples.length = 0;
    if (!this.known) this.offset = server - now;
    this.at = now;
  }

  /** The four stamps of one PING, in milliseconds. @param {number} sent @param {number} received
   * @param {number} answered @param {number} got */
  sample(sent, received, answered, got) {
    const rtt = Math.max(0, got - sent - (answered - received));
    this.rtt = this.rtt ? this.rtt + (rtt - this.rtt) * 0.25 : rtt;
    this.samples.push({ rtt, offset: (received - sent + (answered - got)) / 2 });
    if (this.samples.length > SAMPLES) this.samples.shift();
    if (!this.known) this.offset = this.samples[0].offset;
    this.known = true;
  }

  /** The server's clock now. @param {number} now */
  time(now) {
    if (this.samples.length) {
      const best = this.samples.reduce((a, b) => (b.rtt < a.rtt ? b : a)).offset;
      this.offset = glide(this.offset, best, Math.max(0, now - this.at) * SLEW, STEP_MS);
    }
    this.at = now;
    return now + this.offset;
  }
}

const LAGS = 64; // frames that are remembered: three seconds at 20 Hz

export class TickClock {
  constructor() {
    this.period = 50;
    this.lags = new Float64Array(LAGS);
    this.next = 0;
    this.base = this.target = this.jitter = this.at = 0;
  }

  /** @param {number} now @param {number} tick @param {number} rate ticks a second */
  reset(now, tick, rate) {
    this.period = 1000 / rate;
    this.lags.fill(Infinity);
    this.next = 0;
    this.base = this.target = now - tick * this.period;
    this.jitter = 0;
    this.at = now;
  }

  /** A frame of this tick arrived. The earliest of late is the truth; what comes later than it is jitter.
   * @param {number} now @param {number} tick */
  note(now, tick) {
    const lag = now - tick * this.period;
    this.lags[this.next++ % LAGS] = lag;
    this.target = this.lags.reduce((least, value) => Math.min(least, value), Infinity);
    const late = lag - this.target;
    this.jitter += (late - this.jitter) * (late > this.jitter ? 0.3 : 0.05);
  }

  /** The tick, with its fraction, whose frame should be arriving now. @param {number} now */
  tick(now) {
    this.base = glide(this.base, this.target, Math.max(0, now - this.at) * SLEW, 4 * this.period);
    this.at = now;
    return (now - this.base) / this.period;
  }
}

/** @param {number} from @param {number} to @param {number} by @param {number} jump */
function glide(from, to, by, jump) {
  const off = to - from;
  if (Math.abs(off) > jump) return to;
  return from + Math.min(by, Math.max(-by, off));
}
