// What the server hands out ready to use: `node bundle.mjs OUT CORES` bundles the package to OUT/sdk.js (what it fetches only if
// WebSocket fails to OUT/sdk-fallback.js, and each tool to OUT/sdk-NAME.js), puts every game's core from CORES into OUT/wasm, packs all of it, and says what a player loads.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tool = createRequire(new URL('../../game/arena/page/package.json', import.meta.url));
const { build } = tool('esbuild');
const { minify } = tool('terser');
const here = fileURLToPath(new URL('.', import.meta.url));
const [out, cores] = process.argv.slice(2);
const TOOLS = ['overlay', 'history']; // imports of their own: not part of what every player loads
const GZIP_MAX = 20 * 1024; // of sdk.js and one game's core, which a player over WebSocket loads: what is worth a word

/** esbuild joins the modules; terser, which takes a fifteenth more away, makes them small. @param {string} entry @param {string} name */
async function bundle(entry, name) {
  const { outputFiles } = await build({
    entryPoints: { [name]: join(here, entry) }, outdir: out, splitting: true, chunkNames: 'sdk-[name]', bundle: true, format: 'esm', minify: true, target: 'es2022', legalComments: 'none', logLevel: 'warning', write: false,
  });
  for (const { path, text } of outputFiles) {
    const { code } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3, hoist_funs: true } });
    await writeFile(path, code ?? '');
  }
}

/** Writes the packed neighbour, and gives its size. @param {string} path */
async function pack(path) {
  const bytes = await readFile(path);
  const packed = execFileSync('gzip', ['-9', '-n', '-c', path]); // node's own is made for speed, and packs cores worse
  await writeFile(`${path}.gz`, packed);
  console.log(`${path.slice(out.length + 1).padEnd(20)} ${String(bytes.length).padStart(7)} bytes ${String(packed.length).padStart(7)} gzip`);
  return packed.length;
}

/** The games' cores, as far as they were built. */
async function copyCores() {
  const names = existsSync(cores) ? (await readdir(cores)).filter((name) => name.endsWith('.wasm')) : [];
  if (!names.length) console.log('no core was built: clang, lld or wasi-libc is missing, and no page can play');
  for (const name of names) await copyFile(join(cores, name), join(out, 'wasm', name));
  return names;
}

await rm(join(out, 'wasm'), { recursive: true, force: true });
await mkdir(join(out, 'wasm'), { recursive: true });
await bundle('index.js', 'sdk');
const glue = await pack(join(out, 'sdk.js'));
await pack(join(out, 'sdk-fallback.js'));
for (const tool of TOOLS.filter((name) => existsSync(join(here, `${name}.js`)))) {
  await bundle(`${tool}.js`, `sdk-${tool}`);
  await pack(join(out, `sdk-${tool}.js`));
}
for (const name of await copyCores()) {
  const all = glue + (await pack(join(out, 'wasm', name)));
  console.log(`${`client_size_gzip ${basename(name, '.wasm')}`.padEnd(34)} ${String(all).padStart(7)} gzip${all > GZIP_MAX ? `: more than ${GZIP_MAX}` : ''}`);
}
