// The bots as the live tests run them: small crowds on a server of their own, and what they told.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join, resolve } from 'node:path'
import { ROOT, SANITIZED } from './lib.mjs'

const BINARY = resolve(process.env.TIDEWIRE_BINARY ?? join(ROOT, 'build/server/tidewire'))
export const BOTS = join(dirname(dirname(BINARY)), 'tests/load/tidewire-bots')
export const SCENARIOS = join(ROOT, 'tests/load/scenarios')
export const CROWD = SANITIZED ? 8 : 24
export const AT_ONCE = SANITIZED ? 4 : 8 // runs that mostly wait
export const small = (seconds) => ['--clients', String(CROWD), '--seconds', String(seconds)]
export const addressOf = (server) => ['--url', `ws://localhost:${server.port}/play`]

/** Runs the bots to their end: exit code, what they wrote, and with --json the values in it. */
export async function bots(flags) {
    const child = spawn(BOTS, flags, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TIDEWIRE_SCENARIOS: SCENARIOS } })
    let text = '', words = ''
    child.stdout.on('data', (bytes) => (text += bytes))
    child.stderr.on('data', (bytes) => (words += bytes))
    const [code] = await once(child, 'close')
    return { code, text, words, ...(flags.includes('--json') && text ? JSON.parse(text) : {}) }
}
