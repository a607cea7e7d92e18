import type { Room } from './index.js';

export interface OverlayOptions {
  /** The `code` of the key that shows and hides it; left out: `KeyL`. */
  key?: string;
  /** Shown at once. */
  open?: boolean;
  /** Left out: the page's body. */
  parent?: Element;
}

/** What a room's line is like, and sliders that make it worse for this client. */
export class Overlay {
  constructor(room: Room<any>, options?: OverlayOptions);
  readonly element: HTMLElement;
  readonly shown: boolean;
  toggle(): void;
  /** Takes it off the page; the line is as it was. */
  close(): void;
}
export function openOverlay(room: Room<any>, options?: OverlayOptions): Overlay;
