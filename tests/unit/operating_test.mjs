// docs/operating.md against the code: every line of the log and every setting stands there, and nothing else does.
// And the words of the log: one key for one meaning.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const page = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8')
const sources = readdirSync(join(ROOT, 'server'), { recursive: true }).filter((name) => name.endsWith('.c'))
const code = sources.map((name) => readFileSync(join(ROOT, 'server', name), 'utf8')).join('\n')

/** The rows of the table under this heading, each as its cells. */
function table(heading) {
    const lines = page.split(`## ${heading}\n`)[1].split('\n## ')[0].split('\n')
    return lines.filter((line) => line.startsWith('| ')).slice(1).map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim()))
}
const words = (cell) => cell.replaceAll('`', '').split(', ').filter(Boolean)
const sorted = (list) => [...new Set(list)].sort()

const lines = [...code.matchAll(/log_(?:write|limited)\([^;]*?"(\w+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)/g)].map(([, event, format]) => ({ event, format }))

test('every event of the log is in the table of the log', () => {
    assert.ok(lines.length > 30)
    assert.deepEqual(sorted(table('The log').flatMap(([events]) => words(events))), sorted(lines.map(({ event }) => event)))
})

test('every setting is in the table of settings', () => {
    const keys = [...code.matchAll(/^ +X\((\w+), (\w+), (?:TEXT|UINT|FLAG|CHOICE),/gm)].map(([, , key]) => key)
    assert.ok(keys.length > 20)
    assert.deepEqual(sorted(table('Settings').flatMap(([, key]) => words(key))), sorted(keys))
})

test('and each default there, and of each time, is what holds', () => {
    const holds = new Map([...code.matchAll(/^ +X\(\w+, (\w+), \w+, "([^"]*)"/gm)].map(([, key, value]) => [key, value]))
    for (const [, keys, said] of table('Settings'))
        words(keys).forEach((key, i) => assert.ok(['', 'in state', undefined, holds.get(key)].includes(words(said)[i]), `${key}: ${said}`))
    const times = table('Times').flatMap(([names, said]) => words(names).map((name) => [name, said])).filter(([name]) => holds.has(name))
    assert.ok(times.length > 8)
    for (const [name, said] of times) assert.equal(parseFloat(said) * (name.endsWith('_ms') ? 1000 : 1), Number(holds.get(name)), name)
})

test('the log has one key for one meaning', () => {
    const instead = { reason: 'why', error: 'why', address: 'from', file: 'path', folder: 'path', transport: 'over' }
    for (const { event, format } of lines)
        for (const [, key] of format.matchAll(/(\w+)=/g)) assert.ok(!instead[key], `${event}: ${key}= should be ${instead[key]}=`)
})
