import type { Room, Table } from './index.js';

/** The last few frames of one kind, for drawing between ticks. */
export class History {
  constructor(room: Room<any>, kind: string);
  /** The kind's rows; none before WELCOME, or if the game has no such kind. */
  readonly table: Table | undefined;
  /** Chooses the moment that the others tell of; once per picture. */
  at(tick: number): void;
  has(slot: number): boolean;
  born(slot: number): number;
  field(name: string): number;
  value(slot: number, field: number): number;
  stop(): void;
}
