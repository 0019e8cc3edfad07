import { describe, expect, it } from 'vitest'
import { readTime, splitDuration } from '@/kit/time'
import { TimeLeft } from '@/kit'
import { mount } from './mount'

const H = 3_600_000
const start = Date.parse('2026-09-18T08:00:00+08:00')
const at = (hours: number) => new Date(start + hours * H).toISOString()
const facts = { started: at(0), due: at(10) }

describe('time left', () => {
  it('is calm first, then past half, then soon, then overdue', () => {
    expect(readTime(facts, start + 1 * H).word).toBe('calm')
    expect(readTime(facts, start + 5 * H).word).toBe('half')
    expect(readTime(facts, start + 8 * H).word).toBe('soon')
    expect(readTime(facts, start + 10 * H).word).toBe('soon')
    expect(readTime(facts, start + 10 * H + 1).word).toBe('overdue')
  })
  it('warns early when the rule says so', () => {
    expect(readTime({ ...facts, near: true }, start + 3 * H).word).toBe('soon')
  })
  it('never says overdue while the clock is paused', () => {
    const reading = readTime({ ...facts, paused: true }, start + 20 * H)
    expect([reading.word, reading.tone]).toEqual(['paused', 'grey'])
  })
  it('keeps the fact of lateness after the end', () => {
    expect(readTime({ ...facts, stopped: at(9) }, start + 90 * H).word).toBe('kept')
    expect(readTime({ ...facts, stopped: at(11) }, start + 90 * H).word).toBe('missed')
  })
  it('knows no deadline from no time left', () => {
    expect(readTime({ due: null }, start)).toEqual({ word: 'none', tone: 'grey', left: null, share: 0 })
  })
  it('keeps the bar between empty and full, also with a start after the end', () => {
    expect(readTime({ started: at(12), due: at(10) }, start + 11 * H).share).toBe(1)
    expect(readTime(facts, start - H).share).toBe(0)
  })
  it('speaks in the two largest units', () => {
    expect(splitDuration(26 * H)).toEqual([{ unit: 'd', n: 1 }, { unit: 'h', n: 2 }])
    expect(splitDuration(-90 * 60_000)).toEqual([{ unit: 'h', n: 1 }, { unit: 'm', n: 30 }])
    expect(splitDuration(23.9 * H)).toEqual([{ unit: 'h', n: 23 }])
    expect(splitDuration(20_000)).toEqual([{ unit: 'm', n: 0 }])
  })
})

describe('TimeLeft on the screen', () => {
  it('shows a shape, a word and a bar, so that colour is never alone', () => {
    const past = new Date(Date.now() - 2 * H).toISOString()
    const shown = mount(TimeLeft, { due: past, started: new Date(Date.now() - 9 * H).toISOString() })
    expect(shown.text()).toContain('超时 2小时')
    expect(shown.host.querySelector('svg.shape.red')).not.toBeNull()
    expect((shown.host.querySelector('.used') as HTMLElement).style.width).toBe('100%')
    shown.unmount()
  })
  it('draws no bar where there is no limit', () => {
    const shown = mount(TimeLeft, { due: null })
    expect(shown.text()).toBe('无时限')
    expect(shown.host.querySelector('.track')).toBeNull()
    shown.unmount()
  })
})
