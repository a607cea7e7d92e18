// The types of the tidewire package, written by hand. `Game` narrows names and values to one game's own; left
// out, everything is reached by string.

/** `connecting`: an attempt runs, the first or another, or has led into line; `waiting`: for the next attempt. */
export type State = 'connecting' | 'playing' | 'waiting' | 'over';
export type Value = number | string;
export type Values = { [field: string]: any };

/** What a game's tables hold, for those who want their compiler to know. */
export interface Game {
  rows: { [kind: string]: Values };
  input: Values;
  events: { [name: string]: Values };
  calls: { [name: string]: { ask: Values; answer: Values } };
  rules: Values;
}

/** Where the device token lives between visits. */
export interface Store {
  get(): string;
  set(token: string): void;
}

/** What a transport needs from the place where it runs. */
export interface World {
  WebSocket: any;
  EventSource: any;
  fetch(url: any, init?: any): Promise<Response>;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  now(): number;
  random(): number;
  setTimeout(run: () => void, ms: number): any;
  clearTimeout(id: any): void;
}
/** Who listens to a line. */
export interface Ears {
  /** HELLO may be sent. */
  open(): void;
  message(bytes: Uint8Array): void;
  /** The line is gone: a code of docs/protocol.md, or 1006. */
  down(code: number, text: string): void;
  /** What the client has applied. */
  holds(): { tick: number; event: number };
  /** What comes next is everything anew. */
  anew(): void;
}
export interface Line {
  send(bytes: Uint8Array): void;
  /** Lets go without telling the ears. */
  close(code?: number, reason?: string): void;
  /** Fetching says itself what was applied: no ACK need be sent. */
  acks?: boolean;
}
/** A way for whole messages. `dial` calls the ears only after it has returned. */
export interface Transport {
  readonly name: string;
  fits(world: World): boolean;
  dial(url: string, world: World, ears: Ears): Line;
}
export type TransportName = 'websocket' | 'stream' | 'sse' | 'poll' | 'pull';

export interface ConnectOptions {
  /** `wss://host/play`, or the URL of a page of that server; left out: this page's own server. */
  url?: string | URL;
  game: string;
  /** 1–23 of a–z, 0–9 and `-`; left out: `main`. */
  room?: string;
  /** At most 23 bytes; left out: the name kept for this device, or one that the server makes up. */
  name?: string;
  /** A device token to be known by, `''` to be given one, `'-'` for a guest; left out: `store` keeps it. */
  device?: string;
  /** Left out: localStorage, where there is one. */
  store?: Store;
  /** The token of a session to take up again. */
  session?: string;
  /** Which transports may be used, the best first; left out: websocket, stream, sse, poll. `pull` is only to compare with. */
  transports?: ReadonlyArray<TransportName | Transport>;
  /** The game's .wasm: a compiled module, its bytes, its URL, or in Node a path; left out: /wasm/GAME.wasm of the server. */
  core?: WebAssembly.Module | BufferSource | URL | string;
  /** How rows are predicted: 0 not, 1 linear, 2 (left out) by the game's own code. */
  lane?: 0 | 1 | 2;
  /** Kinds of rows that may belong to the player, and the field that names whose they are, as in { shot: 'owner' }: one's own are drawn
   * at one's own time, as one's own row is. */
  mine?: { [kind: string]: string };
  /** Bytes a second to be sent at most; left out: no bound. */
  budget?: number;
  /** Where there is no global WebSocket or EventSource: others, such as the `ws` package's. */
  WebSocket?: any;
  EventSource?: any;
  /** A test's own time, chance and network. */
  world?: Partial<World>;
}

/** Stands in the way of every whole message of one client, for tools: hands each on when it likes, in order.
 * What belongs to a connection that is gone is passed on to nobody. */
export interface Meddle {
  up(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void;
  down(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void;
}

/** One row; its fields stand beside these under their own names. A view is used again: copy what is to be kept. */
export type Row<Fields = Values> = Readonly<Fields> & {
  readonly kind: string;
  readonly slot: number;
  /** Its row number in the room, over all kinds. */
  readonly number: number;
  readonly held: boolean;
  /** Another number is another thing: reborn, or met again. Never ease from one to the other. */
  readonly born: number;
  /** The tick that it entered with. */
  readonly since: number;
};

export interface GameEvent<Fields = Values> {
  readonly name: string;
  /** The tick that it happened in. */
  readonly tick: number;
  readonly number: number;
  readonly values: Fields;
}

export interface Field {
  readonly index: number;
  readonly name: string;
  /** 0 whole number, 1 real, 2 text. */
  readonly type: number;
  readonly wraps: boolean;
  readonly step: number;
  /** In steps. */
  readonly min: number;
  readonly max: number;
  readonly span: number;
  /** Where it lies in a record's cells of 32 bits, and how many it takes. */
  readonly cell: number;
  readonly cells: number;
}
export interface Kind {
  readonly index: number;
  readonly name: string;
  readonly slots: number;
  /** The row number of its slot 0. */
  readonly first: number;
  /** 0 none, 1 linear, 2 the game's own. */
  readonly predictor: number;
  readonly linear: boolean;
  readonly placed: boolean;
  readonly fields: readonly Field[];
}
export interface RecordShape {
  readonly index: number;
  readonly name: string;
  /** 0 event that must arrive, 1 event that may be dropped, 2 call, 3 answer, 4 event of which only the newest counts. */
  readonly use: number;
  readonly answer: number;
  readonly fields: readonly Field[];
}
export interface Schema {
  readonly game: string;
  readonly version: number;
  readonly playersMax: number;
  readonly input: readonly Field[];
  readonly rules: readonly Field[];
  readonly kinds: readonly Kind[];
  readonly records: readonly RecordShape[];
  readonly rows: number;
}

/** All rows of one kind where they lie in the core's memory: field `f` of row `slot` is `raw[slot * width + f.cell] * f.step`. */
export interface Table {
  readonly kind: Kind;
  readonly width: number;
  /** To be asked for anew after each frame: that moves on the rows which the frame did not name. */
  readonly raw: Int32Array;
  /** Which thing is in a slot: another number is another thing. */
  readonly born: Float64Array;
  has(slot: number): boolean;
  /** The first held slot from here on, −1: none. for (let s = t.next(0); s >= 0; s = t.next(s + 1)) … */
  next(slot: number): number;
  field(name: string): Field | undefined;
  /** A number field's value, with what lies between two raw ones. */
  value(slot: number, field: Field): number;
  text(slot: number, field: Field): string;
}

/** A row as it is to be drawn; a view that is used again. */
export type ShownRow<Fields = Values> = Readonly<Fields> & { readonly kind: string; readonly slot: number; readonly born: number };

/** The rows of a kind as they are to be drawn since the last look(): predicted, and eased where they were corrected. Views by name, or
 * typed arrays: row i of `count` is in slot `slots[i]`, and its field f is `values[i * width + f]`. */
export interface Shown<Fields = Values> extends Iterable<ShownRow<Fields>> {
  readonly kind: Kind;
  readonly count: number;
  readonly width: number;
  readonly slots: Uint16Array;
  readonly values: Float32Array;
  /** Which of them is in a slot, −1: none. */
  at(slot: number): number;
  /** A field's index by its name, −1: none. */
  field(name: string): number;
  /** Which thing is in a slot: another number is another thing. */
  born(slot: number): number;
}

/** What arrived in the newest frame, by kind (its index). The arrays are used again. */
export interface LastFrame {
  readonly bytes: number;
  readonly events: number;
  readonly entered: Uint32Array;
  readonly changed: Uint32Array;
  readonly left: Uint32Array;
}

type Off = () => void;

export interface Room<G extends Game = Game> {
  readonly state: State;
  /** Why it waits, tries again or is over; null while it plays. */
  readonly error: Error | null;
  /** Resolves with the first frame; rejects if it never comes to that. */
  readonly ready: Promise<Room<G>>;
  readonly player: number;
  readonly instance: number;
  readonly rate: number;
  /** Given by the server: the name and room that it took. */
  readonly name: string;
  readonly room: string;
  readonly rules: G['rules'];
  readonly schema: Schema | null;
  readonly session: string;
  /** The tick that the rows are at. */
  readonly tick: number;
  readonly rtt: number;
  /** While waiting: when the next attempt comes, on performance.now(). */
  readonly retryAt: number;
  /** `bytes` and `frames` came down; `corrections` of the player's own row. */
  readonly stats: {
    frames: number; bytes: number; bytesUp: number; messagesUp: number;
    hashes: number; mismatches: number; reconnects: number; corrections: number;
  };
  readonly lastFrame: LastFrame;
  /** The transport in use, '' while there is none. */
  readonly transport: TransportName | '' | (string & {});
  /** The place in the line of those who wait for a seat, 0: not in line. */
  readonly place: number;
  /** How rows are predicted: 0 not, 1 linear, 2 by the game's own code. */
  readonly lane: number;
  serverTime(): number;
  /** The tick, with its fraction, whose frame should be arriving now. */
  tickNow(): number;
  /** By how many milliseconds frames come later than the fastest, on average. */
  readonly jitter: number;
  /** The player's own row as it will be when all inputs are used; null while there is none to be predicted. */
  readonly me: Row<any> | null;

  rows<K extends keyof G['rows'] & string>(kind: K): Iterable<Row<G['rows'][K]>>;
  row<K extends keyof G['rows'] & string>(kind: K, slot: number): Row<G['rows'][K]> | null;
  table(kind: keyof G['rows'] & string): Table | undefined;
  /** Moves what is to be drawn on to this moment: once a picture, before `shown`. */
  look(): void;
  /** A kind's rows as they are to be drawn; null before WELCOME. */
  shown<K extends keyof G['rows'] & string>(kind: K): Shown<G['rows'][K]> | null;
  /** The number of the newest input that was made. */
  readonly sequence: number;

  input(values: Partial<G['input']>): void;
  call<C extends keyof G['calls'] & string>(
    name: C, values?: Partial<G['calls'][C]['ask']>, options?: { timeout?: number },
  ): Promise<G['calls'][C]['answer']>;

  on(name: 'state', listener: (state: State, room: Room<G>) => void): Off;
  on(name: 'welcome' | 'frame', listener: (room: Room<G>) => void): Off;
  /** While the room is full: the place in line. */
  on(name: 'queued', listener: (place: number) => void): Off;
  /** Frames come over this transport now. */
  on(name: 'transport', listener: (name: string) => void): Off;
  on(name: 'event', listener: (event: GameEvent) => void): Off;
  on(name: 'error', listener: (error: TidewireError) => void): Off;
  onEvent<E extends keyof G['events'] & string>(
    name: E, listener: (values: G['events'][E], event: GameEvent<G['events'][E]>) => void,
  ): Off;

  /** For tools that meddle with this client's line; null: nobody does. */
  meddle: Meddle | null;
  /** Lets go of the connection as a bad network would, and comes back by itself. */
  drop(): void;

  leave(): void;
  rejoin(wish?: { game?: string; room?: string; name?: string }): void;
  /** Tries again at once if it waits: the network is back, the page is looked at again. */
  wake(): void;
}
export const Room: { prototype: Room };

export function connect<G extends Game = Game>(options: ConnectOptions): Room<G>;

/** `retry`: it makes sense to come back. */
export const CODES: ReadonlyArray<readonly [code: number, name: string, retry?: boolean]>;
export function codeOf(code: number): { code: number; name: string; retry: boolean };
export const SUBPROTOCOL: 'tidewire.1';

/** The game's core, compiled; to be shared by several rooms as `options.core`. */
export function loadCore(source: WebAssembly.Module | BufferSource | URL | string): Promise<WebAssembly.Module>;

export class TidewireError extends Error {
  readonly code: string;
  /** What to do about it, if that can be said. */
  readonly hint: string;
  /** The page of the project to read on. */
  readonly read: string;
}
/** The game's .wasm cannot be had, or is none. */
export class CoreError extends TidewireError {}
export class ProtocolError extends TidewireError {}
export class HashError extends TidewireError {
  readonly tick: number;
}
export class ClosedError extends TidewireError {
  readonly close: number;
  readonly retry: boolean;
}
export class CallError extends TidewireError {
  readonly status: number;
}

export function defaultStore(): Store;
export function memoryStore(token?: string): Store;
