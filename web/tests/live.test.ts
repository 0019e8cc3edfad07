import { describe, expect, it } from 'vitest'
import { reduceLive, retryDelay, STALE_AFTER, startState, StreamParser } from '@/api/live'
import { touched } from '@/stages/live'

describe('stream', () => {
  it('gives whole events however the bytes are cut', () => {
    const text = 'retry: 2000\nid: 7\nevent: tick\ndata: {"a":1}\n\n: 7\n\nid: 8\nevent: tick\ndata: {"a":\ndata: 2}\n\n'
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new StreamParser()
      const events = [...parser.feed(text.slice(0, cut)), ...parser.feed(text.slice(cut))]
      expect(events).toEqual([
        { id: '7', event: 'tick', data: '{"a":1}' },
        { id: '8', event: 'tick', data: '{"a":\n2}' },
      ])
    }
  })
  it('reads lines that end in CR LF', () => {
    expect(new StreamParser().feed('id: 1\r\nevent: ready\r\ndata: x\r\n\r\n')).toEqual([{ id: '1', event: 'ready', data: 'x' }])
  })
})

describe('live state', () => {
  const begin = startState(0)
  it('resumes from the last sequence and never moves back', () => {
    let state = reduceLive(begin, { kind: 'heard', at: 1, id: '9' })
    state = reduceLive(state, { kind: 'heard', at: 2, id: '10' })
    state = reduceLive(state, { kind: 'heard', at: 3, id: '3' })
    expect(state.seq).toBe('10')
    state = reduceLive(state, { kind: 'lost', at: 4 })
    expect([state.status, state.seq, state.failures]).toEqual(['reconnecting', '10', 1])
    state = reduceLive(state, { kind: 'open', at: 5 })
    expect([state.status, state.seq, state.failures]).toEqual(['live', '10', 0])
  })
  it('takes a new place, also a lower one, when the house says that it was lost', () => {
    const far = reduceLive(begin, { kind: 'heard', at: 1, id: '500' })
    expect(reduceLive(far, { kind: 'reset', at: 2, id: '4' }).seq).toBe('4')
  })
  it('says stale after half a minute of silence, not before', () => {
    const open = reduceLive(begin, { kind: 'open', at: 0 })
    expect(reduceLive(open, { kind: 'lost', at: STALE_AFTER }).status).toBe('reconnecting')
    expect(reduceLive(open, { kind: 'lost', at: STALE_AFTER + 1 }).status).toBe('stale')
  })
  it('waits longer each time, but never more than half a minute', () => {
    expect([0, 1, 5, 50].map(retryDelay)).toEqual([500, 1000, 16_000, 30_000])
  })
})

describe('ticks', () => {
  it('make the event, its lists and the counts old', () => {
    expect(touched({ topic: 'event', about: 'evt_1' })).toContainEqual(['event', 'evt_1'])
    expect(touched({ topic: 'event', about: 'evt_1' })).toContainEqual(['inbox'])
    expect(touched({ topic: 'tasks', about: '' })).toEqual([['tasks']])
  })
})
