#!/usr/bin/env node
// Draws what scripts/bench peers found out, as bars on a logarithmic scale, one SVG for each figure:
//     scripts/bench peers --json | node tests/bench/tools/plot.mjs docs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FIGURES = {
    bytes_per_client: 'bytes a second to each client',
    memory_per_client: 'bytes of server memory for each client',
    input_to_effect_p50: 'milliseconds from input to visible effect, p50',
    players_held: 'players that one server core holds',
}
const COLOURS = { tidewire: '#0b6e99', colyseus: '#d1495b', ws: '#8a5a9e', socketio: '#c98a1b' }
const NAMES = { tidewire: 'Tidewire', colyseus: 'Colyseus', ws: 'ws + msgpackr', socketio: 'Socket.IO' }
const WIDE = 760, HIGH = 300, LEFT = 70, TOP = 56, FOOT = 40, BAR = 22, GAP = 4

const folder = process.argv[2] ?? 'docs'
const rows = readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))

/** { case: { system: value } }, of one figure. */
function casesOf(figure) {
    const cases = {}
    for (const row of rows.filter((row) => row.figure === figure)) {
        const of = (cases[row.case] ??= { tidewire: row.value })
        of[row.control] = row.control_value
    }
    return cases
}

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`
const short = (value) => (value >= 1e6 ? `${value / 1e6}M` : value >= 1000 ? `${value / 1000}k` : `${value}`)

function draw(figure, title) {
    const cases = Object.entries(casesOf(figure))
    const values = cases.flatMap(([, of]) => Object.values(of)).filter((value) => value > 0)
    if (!values.length) return
    const low = Math.floor(Math.log10(Math.min(...values)) - 0.3), high = Math.ceil(Math.log10(Math.max(...values)))
    const y = (value) => HIGH - FOOT - ((Math.log10(value) - low) / (high - low)) * (HIGH - TOP - FOOT)
    const parts = [text(LEFT, 20, title, 'class="title"')]
    Object.entries(NAMES).forEach(([system, name], i) => parts.push(`<rect x="${LEFT + i * 130}" y="30" width="10" height="10" fill="${COLOURS[system]}"/>`, text(LEFT + 15 + i * 130, 39, name)))
    for (let power = low; power <= high; power++)
        parts.push(`<path d="M${LEFT} ${y(10 ** power)}H${WIDE - 10}"/>`, text(LEFT - 8, y(10 ** power) + 4, short(10 ** power), 'text-anchor="end"'))
    const step = (WIDE - LEFT - 10) / cases.length
    cases.forEach(([name, of], i) => {
        const systems = Object.keys(NAMES).filter((system) => of[system] > 0), middle = LEFT + step * (i + 0.5)
        parts.push(text(middle, HIGH - 16, name, 'text-anchor="middle"'))
        systems.forEach((system, j) => {
            const bar = Math.min(BAR, step / (systems.length + 1) - GAP), x = middle + (j - systems.length / 2) * (bar + GAP)
            parts.push(`<rect x="${x.toFixed(1)}" y="${y(of[system]).toFixed(1)}" width="${bar.toFixed(1)}" height="${(HIGH - FOOT - y(of[system])).toFixed(1)}" fill="${COLOURS[system]}"><title>${NAMES[system]}: ${Math.round(of[system])}</title></rect>`)
        })
    })
    const style = 'text{font:12px sans-serif;fill:#6b7a88}.title{font-size:14px;font-weight:600}path{stroke:#c9d2d9;stroke-width:.5}'
    const path = join(folder, `peers-${figure.replaceAll('_', '-')}.svg`)
    writeFileSync(path, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${HIGH}"><style>${style}</style>\n${parts.join('\n')}\n</svg>\n`)
    console.log(path)
}

for (const [figure, title] of Object.entries(FIGURES)) draw(figure, title)
