// Every benchmark in its smallest run (--smoke): it must end well, and each of its rows must be whole. What the figures
// are does not matter here.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const AT_ONCE = 3 // they mostly wait
const TIMEOUT_MS = 120000
const names = readdirSync(FOLDER).filter((name) => /^[a-z]+\.mjs$/.test(name))
// Counts are not looked at, so the server that counts its allocations need not be built.
const env = { ...process.env, TIDEWIRE_BINARY_COUNTING: process.env.TIDEWIRE_BINARY_COUNTING ?? process.env.TIDEWIRE_BINARY }

const run = (name) => new Promise((done) =>
    execFile(process.execPath, [join(FOLDER, name), '--smoke', '--json'], { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => done({ error, stdout, stderr })))

function look(row, about) {
    for (const key of ['bench', 'case', 'figure']) assert.match(row[key] ?? '', /./, `${key} is missing: ${about}`)
    assert.ok(Number.isFinite(row.value), `no value: ${about}`)
    for (const [key, value] of Object.entries(row)) assert.notEqual(value, null, `${key} is not a number: ${about}`)
}

async function smoke(name) {
    const { error, stdout, stderr } = await run(name)
    assert.ok(!error, `${error?.message}\n${stderr}`)
    const lines = stdout.trim().split('\n')
    assert.ok(lines[0], 'no rows')
    for (const line of lines) look(JSON.parse(line), `${line}\n${stderr}`)
}

test('benchmarks', { concurrency: AT_ONCE }, async (t) => {
    await Promise.all(names.map((name) => t.test(name, () => smoke(name))))
})
