/** What a first visit of each page downloads, gzipped: the scripts of its html and all that they import statically. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

const built = new URL('../../gangmu/faces/web_dist/', import.meta.url).pathname
const LIMIT_KB = { 'index.html': 320, 'board.html': 480 }

function load(file, seen) {
  if (seen.has(file)) return
  seen.add(file)
  const text = readFileSync(join(built, file), 'utf8')
  for (const m of text.matchAll(/(?:^|[;}\s])import\s*(?:[\w{}\s,*$]+from\s*)?["'](\.[^"']+\.js)["']/g)) load(normalize(join(dirname(file), m[1])), seen)
}

let heavy = false
for (const page of readdirSync(built).filter((name) => name.endsWith('.html'))) {
  const seen = new Set()
  for (const m of readFileSync(join(built, page), 'utf8').matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) load(m[1], seen)
  const kb = [...seen].reduce((sum, file) => sum + gzipSync(readFileSync(join(built, file))).length, 0) / 1000
  heavy ||= kb > (LIMIT_KB[page] ?? Infinity)
  process.stdout.write(`${page}: ${kb.toFixed(0)} KB gz in ${seen.size} scripts (limit ${LIMIT_KB[page] ?? 'none'})\n`)
}
process.exitCode = heavy ? 1 : 0
