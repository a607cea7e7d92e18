// The types that a page is written against (protocol/js/types.mjs) are those of the game's tables as they stand.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCore } from '../../protocol/js/core.js'
import { typesOf } from '../../protocol/js/types.mjs'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BUILD = process.env.TIDEWIRE_BUILD ?? join(ROOT, 'build/test')
const built = (name) => readFileSync(join(BUILD, 'protocol/wasm', name))
const types = async (game) => typesOf(await loadCore(built(`${game}.wasm`)), built(`${game}.welcome`))

test('game/arena/page/src/arena.d.ts is up to date', async () => {
    const kept = readFileSync(join(ROOT, 'game/arena/page/src/arena.d.ts'), 'utf8')
    const again = 'node protocol/js/types.mjs build/protocol/wasm/arena.{wasm,welcome} > game/arena/page/src/arena.d.ts'
    assert.equal(await types('arena'), kept, `make it anew: ${again}`)
})
test('a game without calls has none', async () => {
    const dots = await types('dots')
    assert.match(dots, /export interface Dots extends Game \{/)
    assert.match(dots, /input: \{\n    x: number; \/\/ -8 … 8\n/)
    assert.match(dots, /calls: \{\};/)
})
