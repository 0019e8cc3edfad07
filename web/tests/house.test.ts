// @vitest-environment node
/** Rules of the house over the sources themselves: direction of imports, tokens only, words only in files of words. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'

const ROOT = join(__dirname, '..', 'src')
const files = (readdirSync(ROOT, { recursive: true }) as string[]).filter((f) => /\.(vue|ts|css|json)$/.test(f)).map((f) => join(ROOT, f))
const read = (file: string) => readFileSync(file, 'utf8')
const name = (file: string) => relative(ROOT, file)
const code = files.filter((f) => /\.(vue|ts)$/.test(f) && !f.endsWith('.d.ts'))

const LEVEL: Record<string, number> = { tokens: 0, api: 0, locale: 0, kit: 1, stages: 2, faces: 3 }

function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import)\s*\(?\s*['"](@\/[^'"]+|\.{1,2}\/[^'"]+)['"]/g)].map((m) =>
    m[1].startsWith('@/') ? m[1].slice(2) : relative(ROOT, join(file, '..', m[1])),
  )
}

/** What breaks the direction in one file. Pure, so that the rule itself can be tried. */
export function broken(from: string, to: string[]): string[] {
  const [layer, part] = from.split('/')
  return to.filter((target) => {
    const [other, otherPart] = target.split('/')
    if (!(other in LEVEL) || !(layer in LEVEL)) return false
    if (LEVEL[other] > LEVEL[layer]) return true
    if (layer === 'faces' && other === 'faces' && part !== otherPart && otherPart !== 'old-browsers') return true
    return layer === 'stages' && other === 'stages' && part !== otherPart && target.split('/').length > 2
  })
}

describe('imports', () => {
  it('the rule finds what it forbids', () => {
    expect(broken('kit/Btn.vue', ['stages/event'])).toEqual(['stages/event'])
    expect(broken('faces/desk/App.vue', ['faces/board/x'])).toEqual(['faces/board/x'])
    expect(broken('stages/event/x.ts', ['stages/org/queries'])).toEqual(['stages/org/queries'])
    expect(broken('stages/event/x.ts', ['stages/org', 'kit', 'api', 'stages/event/y'])).toEqual([])
  })
  it.each(code.map((f) => [name(f)]))('%s looks downward only', (file) => {
    expect(broken(file, importsOf(join(ROOT, file)))).toEqual([])
  })
})

const HEX = /#[0-9a-f]{3,8}\b/i
const PIXEL = /\b\d+(\.\d+)?px\b/
const COLOUR = /\b(rgb|rgba|hsl|hsla)\(/
describe('tokens only', () => {
  it.each(files.filter((f) => /\.(vue|css|ts)$/.test(f) && !name(f).startsWith('tokens/') && !f.endsWith('.d.ts')).map((f) => [name(f)]))('%s', (file) => {
    const text = read(join(ROOT, file))
    const styles = file.endsWith('.vue') ? parse(text).descriptor.styles.map((s) => s.content).join('\n') : file.endsWith('.css') ? text : ''
    const script = file.endsWith('.vue') ? text.replace(/<style[\s\S]*<\/style>/, '') : file.endsWith('.ts') ? text : ''
    for (const rule of [HEX, PIXEL, COLOUR]) expect(styles).not.toMatch(rule)
    for (const rule of [/['"`]#[0-9a-f]{3,8}['"`]/i, PIXEL, COLOUR]) expect(script).not.toMatch(rule)
  })
  it('names only tokens that are there', () => {
    const known = new Set([...read(join(ROOT, 'tokens/tokens.css')).matchAll(/(--g-[a-z0-9-]+):/g)].map((m) => m[1]))
    const used = new Set(files.flatMap((f) => [...read(f).matchAll(/var\((--g-[a-z0-9-]+)/g)].map((m) => m[1])))
    expect([...used].filter((one) => !known.has(one))).toEqual([])
  })
})

const CHINESE = /[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]/
describe('words', () => {
  it.each(code.map((f) => [name(f)]))('%s holds no Chinese text', (file) => {
    const text = read(join(ROOT, file)).replace(/\/\*[\s\S]*?\*\//g, '').replace(/<!--[\s\S]*?-->/g, '').replace(/\/\[[^\]\n]*\]\S*\//g, '')
    expect(text).not.toMatch(CHINESE)
  })

  const stages = [...new Set(files.filter((f) => name(f).startsWith('locale/') && f.endsWith('.json')).map((f) => name(f).split('/')[1].split('.')[0]))]
  const words = (stage: string, lang: string) => JSON.parse(read(join(ROOT, 'locale', `${stage}.${lang}.json`))) as Record<string, string>
  it.each(stages.map((s) => [s]))('%s says the same in both languages, with the same places to fill', (stage) => {
    const zh = words(stage, 'zh-CN')
    const en = words(stage, 'en')
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
    for (const key of Object.keys(zh)) {
      expect([key, holes(en[key])]).toEqual([key, holes(zh[key])])
      expect([key, en[key].trim() === '']).toEqual([key, false])
    }
  })
  it('every key that is asked for is there', () => {
    const known = new Set(stages.flatMap((s) => Object.keys(words(s, 'zh-CN')).map((k) => `${s}.${k}`)))
    const asked = new Map<string, string>()
    const key = new RegExp(`^(?:${stages.join('|')})\\.[a-z0-9_]+(?:\\.[a-z0-9_]+)*$`)
    for (const f of code) {
      const calls = [...read(f).matchAll(/\bt\(([^()`]*)\)|(?:label|group): ([^,}\n]*)/g)].map((m) => m[1] ?? m[2])
      for (const said of calls) for (const m of said.matchAll(/'([^']+)'/g)) if (key.test(m[1])) asked.set(m[1], name(f))
    }
    expect(asked.size).toBeGreaterThan(100)
    expect([...asked].filter(([key]) => !known.has(key))).toEqual([])
  })
})
