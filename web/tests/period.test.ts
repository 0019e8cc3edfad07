import { describe, expect, it } from 'vitest'
import { asSpan, dayIn, firstDay, periodOf, SPANS, spanOf, stepped } from '@/stages/evaluate/period'

describe('periods', () => {
  it.each([
    ['2026-11-30', 'day'], ['2026-W48', 'week'], ['2026-11', 'month'], ['2026-Q4', 'quarter'], ['2026', 'year'], ['2026-13-1', null], ['soon', null],
  ])('%s is a %s', (name, span) => expect(spanOf(name)).toBe(span))
  it.each([
    ['2026-01-01', -1, '2025-12-31'], ['2026-02-28', 1, '2026-03-01'], ['2026-12', 1, '2027-01'], ['2026-01', -1, '2025-12'],
    ['2026-Q1', -1, '2025-Q4'], ['2026', -1, '2025'], ['2026-W53', 1, '2027-W01'], ['2026-W01', -1, '2025-W52'], ['2027-W01', -1, '2026-W53'],
  ])('%s and %i more is %s', (name, by, wanted) => expect(stepped(name, by)).toBe(wanted))
  it('a week belongs to the year of its Thursday', () => {
    expect(periodOf('week', new Date(Date.UTC(2027, 0, 1)))).toBe('2026-W53')
    expect(periodOf('week', new Date(Date.UTC(2024, 11, 30)))).toBe('2025-W01')
    expect(firstDay('2025-W01')?.toISOString().slice(0, 10)).toBe('2024-12-30')
  })
  it('there and back is where one was, for every span over many years', () => {
    for (const span of SPANS)
      for (let day = Date.UTC(2019, 0, 1); day < Date.UTC(2031, 0, 1); day += 13 * 86_400_000) {
        const name = periodOf(span, new Date(day))
        expect(spanOf(name)).toBe(span)
        expect(stepped(stepped(name, 1), -1)).toBe(name)
        expect(stepped(name, 1) > name || span === 'week').toBe(true)
      }
  })
  it('the same days as another span', () => {
    expect(asSpan('2026-Q4', 'month')).toBe('2026-10')
    expect(asSpan('2026-11-30', 'week')).toBe('2026-W49')
  })
  it('the day is the one of the city', () => expect(periodOf('day', dayIn(Date.parse('2026-11-30T17:00:00Z')))).toBe('2026-12-01'))
})
