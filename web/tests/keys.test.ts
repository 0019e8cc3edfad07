import { describe, expect, it } from 'vitest'
import { isTyping, KeyMap, keyName } from '@/kit/keys'

const press = (key: string, more: Partial<KeyboardEventInit> = {}) => new KeyboardEvent('keydown', { key, cancelable: true, ...more })
const calm = { typing: false, modal: false, at: 0 }

describe('keyboard map', () => {
  it('lets the newest screen have the key, and gives it back', () => {
    const said: string[] = []
    const map = new KeyMap()
    map.add([{ keys: 'a', run: () => said.push('old') }])
    const leave = map.add([{ keys: 'a', run: () => said.push('new') }])
    map.handle(press('a'), calm)
    leave()
    map.handle(press('a'), calm)
    expect(said).toEqual(['new', 'old'])
  })
  it('is silent while one types, but for keys that say otherwise', () => {
    const said: string[] = []
    const map = new KeyMap()
    map.add([{ keys: 'a', run: () => said.push('a') }, { keys: 'mod+Enter', typing: true, run: () => said.push('send') }])
    expect(map.handle(press('a'), { ...calm, typing: true })).toBe(false)
    expect(map.handle(press('Enter', { ctrlKey: true }), { ...calm, typing: true })).toBe(true)
    expect(said).toEqual(['send'])
  })
  it('is silent behind a dialog', () => {
    const map = new KeyMap()
    map.add([{ keys: 'a', run: () => expect.fail('ran behind a dialog') }])
    expect(map.handle(press('a'), { ...calm, modal: true })).toBe(false)
  })
  it('understands g-then-letter, and forgets it after a while', () => {
    const said: string[] = []
    const map = new KeyMap()
    map.add([{ keys: 'g i', run: () => said.push('inbox') }, { keys: 'i', run: () => said.push('i') }])
    map.handle(press('g'), { ...calm, at: 0 })
    map.handle(press('i'), { ...calm, at: 300 })
    map.handle(press('g'), { ...calm, at: 1000 })
    map.handle(press('i'), { ...calm, at: 9000 })
    expect(said).toEqual(['inbox', 'i'])
  })
  it('leaves keys alone that are composing Chinese', () => {
    const map = new KeyMap()
    map.add([{ keys: 'a', run: () => expect.fail('took a key of the input method') }])
    expect(map.handle(press('a', { isComposing: true }), calm)).toBe(false)
  })
  it('lists what it can do for the help', () => {
    const map = new KeyMap()
    map.add([{ keys: 'j', label: 'event.key.next', run: () => undefined }, { keys: 'x', run: () => undefined }])
    expect(map.listed.value.map((b) => b.keys)).toEqual(['j'])
  })
  it('names keys and fields', () => {
    expect(keyName({ key: 'J', ctrlKey: false, metaKey: false, altKey: false })).toBe('j')
    expect(keyName({ key: 'Enter', ctrlKey: false, metaKey: true, altKey: false })).toBe('mod+Enter')
    const box = document.createElement('input')
    box.type = 'checkbox'
    expect(isTyping(box)).toBe(false)
    expect(isTyping(document.createElement('textarea'))).toBe(true)
  })
})
