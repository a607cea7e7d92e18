// @ts-check
// Pictures of the atlas, as many as one likes, in one draw call: each is put down anew for each picture of the world.
// Four corners of five words each, turned here: what draws without a GPU is slow with instances.
import { Buffer, BufferUsage, Geometry, Mesh, Shader } from 'pixi.js';

const SPRITES_MAX = 6144; // in a layer: 256 ships' names of 23 letters are 5,888; what is put down beyond is not drawn
const WORDS = 5; // of a corner: its place, where it is in the atlas, its colour
const CORNERS = 4;
const SQUARE = [0, 1, 2, 0, 2, 3]; // two triangles

/** A part of the atlas: where it lies in the texture (0 … 1), and its size in pixels.
 * @typedef {{u0: number, v0: number, u1: number, v1: number, width: number, height: number}} Frame */

const VERTEX = `#version 300 es
in vec2 aPlace;
in vec2 aFrame;
in vec4 aColour;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
out vec2 vFrame;
out vec4 vColour;
void main() {
  gl_Position = vec4((uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix * vec3(aPlace, 1.0)).xy, 0.0, 1.0);
  vFrame = aFrame;
  vColour = vec4(aColour.rgb * aColour.a, aColour.a);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec2 vFrame;
in vec4 vColour;
uniform sampler2D uTexture;
const float SHARPER = -0.7; // of the atlas's smaller versions rather the larger: pictures are drawn at about a third of their size
out vec4 colour;
void main() {
  colour = texture(uTexture, vFrame, SHARPER) * vColour;
}`;

/** What all layers are drawn with. @param {import('pixi.js').TextureSource} source the atlas */
export const layerShader = (source) => Shader.from({ gl: { vertex: VERTEX, fragment: FRAGMENT }, resources: { uTexture: source } });

export class Layer {
  /** @param {Shader} shader @param {'normal'|'add'} blendMode how it is laid over what is behind it */
  constructor(shader, blendMode) {
    this.floats = new Float32Array(SPRITES_MAX * CORNERS * WORDS);
    this.colours = new Uint32Array(this.floats.buffer);
    this.count = 0;
    this.buffer = new Buffer({ data: this.floats, usage: BufferUsage.VERTEX | BufferUsage.COPY_DST });
    this.geometry = squares(this.buffer);
    this.mesh = new Mesh({ geometry: this.geometry, shader, blendMode });
  }

  /** Puts a picture down, its middle at (x, y). @param {Frame} frame @param {number} x @param {number} y @param {number} turn radians
   * @param {number} wide its width for one pixel of the frame @param {number} high @param {number} tint 0xrrggbb @param {number} alpha 0 … 1 */
  put({ u0, v0, u1, v1, width, height }, x, y, turn, wide, high, tint, alpha) {
    if (this.count === SPRITES_MAX) return;
    const at = this.count++ * CORNERS * WORDS;
    const [c, s] = turn ? [Math.cos(turn), Math.sin(turn)] : [1, 0];
    const [right, below] = [(width * wide) / 2, (height * high) / 2];
    const [rx, ry, bx, by] = [right * c, right * s, -below * s, below * c];
    const colour = packed(tint, alpha);
    this.#corner(at, x - rx - bx, y - ry - by, u0, v0, colour);
    this.#corner(at + WORDS, x + rx - bx, y + ry - by, u1, v0, colour);
    this.#corner(at + 2 * WORDS, x + rx + bx, y + ry + by, u1, v1, colour);
    this.#corner(at + 3 * WORDS, x - rx + bx, y - ry + by, u0, v1, colour);
  }

  #corner(/** @type {number} */ at, /** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ u, /** @type {number} */ v, /** @type {number} */ colour) {
    const { floats } = this;
    floats[at] = x;
    floats[at + 1] = y;
    floats[at + 2] = u;
    floats[at + 3] = v;
    this.colours[at + 4] = colour;
  }

  /** What was put down is drawn with the next picture; then the layer is empty. */
  show() {
    this.mesh.visible = this.count > 0;
    this.geometry.indexCount = this.count * SQUARE.length;
    if (this.count) this.buffer.update(this.count * CORNERS * WORDS * 4);
    this.count = 0;
  }
}

/** A colour as its four bytes lie in memory. @param {number} tint @param {number} alpha */
function packed(tint, alpha) {
  const opaque = alpha <= 0 ? 0 : alpha >= 1 ? 255 : (alpha * 255 + 0.5) | 0;
  return ((opaque << 24) | ((tint & 0xff) << 16) | (tint & 0xff00) | (tint >>> 16)) >>> 0;
}

/** @param {Buffer} buffer of corners */
function squares(buffer) {
  const part = (/** @type {import('pixi.js').VertexFormat} */ format, /** @type {number} */ word) => ({ buffer, format, offset: word * 4, stride: WORDS * 4 });
  return new Geometry({
    attributes: { aPlace: part('float32x2', 0), aFrame: part('float32x2', 2), aColour: part('unorm8x4', 4) },
    indexBuffer: Uint16Array.from({ length: SPRITES_MAX * SQUARE.length }, (_, i) => Math.floor(i / SQUARE.length) * CORNERS + SQUARE[i % SQUARE.length]),
  });
}
