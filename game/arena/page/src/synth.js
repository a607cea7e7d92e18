// @ts-check
// Sounds made from nothing: oscillators and noise with envelopes, through one volume and one limiter. Silent until
// the player has touched something (browsers ask for that), and while the tab is hidden.

const VOICES_MAX = 24; // at once: in a melee more would only be noise
const LOUD_LEAST = 0.008; // for each voice that sounds already: the more there are, the louder a new one has to be
const NOISE_S = 1;
const QUIET = 0.0001; // an exponential never reaches 0

/** @typedef {{pan?: number, loud?: number}} Where −1 left … 1 right; 0 … 1 */

export class Synth {
  constructor() {
    /** @type {AudioContext|null} */ this.context = null;
    /** @type {GainNode|null} */ this.master = null;
    /** @type {AudioBuffer|null} */ this.noiseBuffer = null;
    this.voices = 0;
    this.volume = 0;
    const wake = () => this.#wake();
    for (const name of ['pointerdown', 'keydown', 'touchend']) addEventListener(name, wake, { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  #wake() {
    if (document.hidden || !this.volume) return void this.context?.suspend();
    if (!this.context) this.#open();
    if (this.context && this.context.state !== 'running') this.context.resume().catch(() => {}); // a telephone call interrupts it, too
  }

  #open() {
    if (navigator.userActivation?.hasBeenActive === false) return; // it would only be blocked
    const context = opened();
    if (!context) return void (this.volume = 0);
    this.context = context;
    this.master = context.createGain();
    this.master.gain.value = this.volume;
    this.master.connect(context.createDynamicsCompressor()).connect(context.destination);
    this.noiseBuffer = context.createBuffer(1, context.sampleRate * NOISE_S, context.sampleRate);
    const samples = this.noiseBuffer.getChannelData(0);
    for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 2 - 1;
  }

  /** @param {number} volume 0 … 1; 0 is silence that costs nothing */
  set(volume) {
    this.volume = volume;
    if (this.master && this.context) this.master.gain.setTargetAtTime(volume, this.context.currentTime, 0.02);
    this.#wake();
  }

  /** A tone that slides from one pitch to another. @param {OscillatorType} shape @param {number} from Hz @param {number} to Hz
   * @param {number} seconds @param {Where & {wait?: number}} [where] */
  tone(shape, from, to, seconds, where = {}) {
    const out = this.#voice(seconds, where);
    if (!out || !this.context) return;
    const oscillator = this.context.createOscillator();
    oscillator.type = shape;
    oscillator.frequency.setValueAtTime(from, out.at);
    oscillator.frequency.exponentialRampToValueAtTime(to, out.at + seconds);
    oscillator.connect(out.gain);
    this.#run(oscillator, out.at, seconds);
  }

  /** Noise through a filter that slides. @param {BiquadFilterType} type @param {number} from Hz @param {number} to Hz
   * @param {number} seconds @param {Where & {wait?: number}} [where] */
  noise(type, from, to, seconds, where = {}) {
    const out = this.#voice(seconds, where);
    if (!out || !this.context) return;
    const [source, filter] = [this.#hiss(), this.context.createBiquadFilter()];
    filter.type = type;
    filter.frequency.setValueAtTime(from, out.at);
    filter.frequency.exponentialRampToValueAtTime(to, out.at + seconds);
    source.connect(filter).connect(out.gain);
    this.#run(source, out.at, seconds);
  }

  /** A hum that goes on: returns what sets its loudness. @returns {(loud: number) => void} */
  hum() {
    /** @type {GainNode|undefined} */ let gain;
    let now = 0;
    return (loud) => {
      if (!this.context || !this.master || loud === now) return;
      if (!gain) {
        if (!loud) return;
        const filter = this.context.createBiquadFilter();
        Object.assign(filter, { type: 'lowpass' }).frequency.value = 240;
        gain = this.context.createGain();
        gain.gain.value = 0;
        const source = this.#hiss();
        source.connect(filter).connect(gain).connect(this.master);
        source.start();
      }
      now = loud;
      gain.gain.setTargetAtTime(loud, this.context.currentTime, 0.06);
    };
  }

  #hiss() {
    const source = /** @type {AudioContext} */ (this.context).createBufferSource();
    source.buffer = this.noiseBuffer;
    source.loop = true;
    return source;
  }

  /** A gain with a fast rise and a slow fall, at its place between the ears; null if nobody would hear it. */
  #voice(/** @type {number} */ seconds, /** @type {Where & {wait?: number}} */ { pan = 0, loud = 1, wait = 0 }) {
    const { context, master } = this;
    if (!context || !master || context.state !== 'running' || loud < LOUD_LEAST * (1 + this.voices) || this.voices >= VOICES_MAX) return null;
    const at = context.currentTime + wait;
    const gain = context.createGain();
    gain.gain.setValueAtTime(QUIET, at);
    gain.gain.exponentialRampToValueAtTime(loud, at + 0.006);
    gain.gain.exponentialRampToValueAtTime(QUIET, at + seconds);
    const panner = context.createStereoPanner();
    panner.pan.value = Math.max(-1, Math.min(1, pan));
    gain.connect(panner).connect(master);
    return { gain, at };
  }

  #run(/** @type {AudioScheduledSourceNode} */ source, /** @type {number} */ at, /** @type {number} */ seconds) {
    this.voices++;
    source.onended = () => { this.voices--; };
    source.start(at);
    source.stop(at + seconds + 0.02);
  }
}

/** Null where there is nothing to hear with. */
function opened() {
  try {
    return new AudioContext({ latencyHint: 'interactive' });
  } catch {
    return null;
  }
}
