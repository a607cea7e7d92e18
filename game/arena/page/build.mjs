// Bundles the page: `node build.mjs [--outdir=FOLDER]`. Names carry a hash of their contents, so that they may be
// cached for good; each text file gets a .gz neighbour for servers that hand those out. Prints what weighs what.
import { build } from 'esbuild';
import { readFile, rm, writeFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzip } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const { values, positionals } = parseArgs({ options: { outdir: { type: 'string' } }, allowPositionals: true });
const outdir = resolve(values.outdir ?? positionals[0] ?? join(root, 'build/page/arena'));
const pack = promisify(gzip);

/** Pixi brings renderers and systems that this page never starts; without them it is a sixth lighter.
 * Only what the drawing files import by name is left; `npm run check` and the browser test would miss the rest. */
const UNUSED = {
  WebGPURenderer: 'rendering/renderers/gpu/WebGPURenderer.mjs', CanvasRenderer: 'rendering/renderers/canvas/CanvasRenderer.mjs',
  webworkerAll: 'environment-webworker/webworkerAll.mjs', accessibility: 'accessibility/init.mjs', dom: 'dom/init.mjs',
  events: 'events/init.mjs', spritesheet: 'spritesheet/init.mjs', filters: 'filters/init.mjs',
};
const withoutUnused = {
  name: 'without-unused',
  setup({ onLoad }) {
    for (const [name, path] of Object.entries(UNUSED)) {
      onLoad({ filter: new RegExp(`pixi\\.js/lib/${path.replaceAll('.', '\\.')}$`) }, () => ({ contents: `export class ${name} {}`, loader: 'js' }));
    }
  },
};

/** @returns {Promise<{script: string, style: string}>} the hashed names of what index.html asks for */
async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: { arena: 'src/main.js', style: 'style/index.css' },
    outdir: join(outdir, 'assets'),
    entryNames: '[name]-[hash]',
    alias: { 'tidewire/overlay': join(root, 'protocol/js/overlay.js'), tidewire: join(root, 'protocol/js/index.js') },
    bundle: true, format: 'esm', minify: true, target: 'es2022', metafile: true, legalComments: 'none',
    logLevel: 'warning', plugins: [withoutUnused],
  });
  const made = Object.entries(result.metafile.outputs);
  const named = (entry) => relative(outdir, resolve(here, made.find(([, output]) => output.entryPoint === entry)[0]));
  return { script: named('src/main.js'), style: named('style/index.css') };
}

async function writeIndex({ script, style }) {
  const page = await readFile(join(here, 'index.html'), 'utf8');
  await writeFile(join(outdir, 'index.html'), page.replace('style/index.css', style).replace('src/main.js', script));
}

/** Writes the packed neighbours and says how heavy everything is. */
async function packAll() {
  const total = { plain: 0, packed: 0 };
  for (const entry of await readdir(outdir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.gz')) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = await readFile(path);
    const packed = await pack(bytes, { level: 9 });
    await writeFile(`${path}.gz`, packed);
    total.plain += bytes.length;
    total.packed += packed.length;
    if (bytes.length > 4096) console.log(`${relative(outdir, path)}  ${bytes.length}  gzip ${packed.length}`);
  }
  console.log(`page: ${total.plain} bytes, gzip ${total.packed}`);
}

await rm(join(outdir, 'assets'), { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
await writeIndex(await bundle());
await writeFile(join(outdir, 'icon.svg'), await readFile(join(here, 'icon.svg')));
await packAll();
