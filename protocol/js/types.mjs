// TypeScript types of a game's tables, for connect<Name>(): `node types.mjs GAME.wasm GAME.welcome > game.d.ts`. Reads what
// the game tells every client, in the WELCOME that the build lays beside its core, so that nothing is written twice.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Core, loadCore } from './core.js';
import { readSchema, USE_ANSWER, USE_CALL } from './schema.js';

/** @typedef {import('./schema.js').Field} Field */
/** @typedef {import('./schema.js').Record} Record */

/** @param {string} name */
const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** A number's range and unit, in words. @param {Field} field */
function range({ min, max, step, wraps }) {
  if (min === -0x80000000) return step === 1 ? '' : `in steps of ${step}`;
  const [low, high] = [min * step, max * step];
  return `${low} … ${high}${wraps ? `, and ${high} is ${low} again` : ''}${step === 1 ? '' : `, in steps of ${step}`}`;
}

/** @param {Field} field @param {string} indent */
function line(field, indent) {
  const words = field.text ? `at most ${field.max - 1} bytes` : range(field);
  return `${indent}${key(field.name)}: ${field.text ? 'string' : 'number'};${words ? ` // ${words}` : ''}\n`;
}

/** @param {readonly Field[]} fields @param {string} indent */
function shape(fields, indent) {
  if (!fields.length) return '{}';
  return `{\n${fields.map((field) => line(field, `${indent}  `)).join('')}${indent}}`;
}

/** @param {string[]} lines */
const block = (lines) => (lines.length ? `{\n${lines.join('')}  }` : '{}');

/** @param {{name: string, fields: Field[]}[]} list */
const named = (list) => block(list.map(({ name, fields }) => `    ${key(name)}: ${shape(fields, '    ')};\n`));

/** @param {Record[]} calls @param {Record[]} records */
function called(calls, records) {
  const one = (/** @type {Record} */ { name, fields, answer }) =>
    `    ${key(name)}: { ask: ${shape(fields, '    ')}; answer: ${shape(records[answer]?.fields ?? [], '    ')} };\n`;
  return block(calls.map(one));
}

/** The text of a game's types. @param {WebAssembly.Module} module @param {Uint8Array} welcome */
export function typesOf(module, welcome) {
  const core = new Core(module);
  core.hello([], 0, 0);
  core.take(welcome, 0);
  const { game, version, input, rules, kinds, records } = readSchema(core);
  const title = game.replace(/(^|-)(.)/g, (_, __, letter) => letter.toUpperCase());
  const events = records.filter(({ use }) => use !== USE_CALL && use !== USE_ANSWER);
  const calls = records.filter(({ use }) => use === USE_CALL);
  return `// The tables of ${game}, version ${version}: made by protocol/js/types.mjs from ${game}.wasm, not by hand.
import type { Game } from 'tidewire';

export interface ${title} extends Game {
  rows: ${named(kinds)};
  input: ${shape(input, '  ')};
  events: ${named(events)};
  calls: ${called(calls, records)};
  rules: ${shape(rules, '  ')};
}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [module, welcome] = await Promise.all([loadCore(process.argv[2]), readFile(process.argv[3])]);
  process.stdout.write(typesOf(module, welcome));
}
