/** The tone of an event on lists and maps: that of its clock, or grey when nothing runs. */
import { readTime, type TimeFacts, type Tone } from '@/kit'
import type { EventRow } from './types'

export function timeFacts(row: EventRow): TimeFacts {
  return {
    due: row.due_at,
    started: row.clock_started_at ?? row.reported_at,
    near: row.lateness === 'near',
    paused: Boolean(row.suspended_until),
    stopped: row.status === 'open' ? null : (row.closed_at ?? row.moved_at),
  }
}

export const toneOf = (row: EventRow, now: number): Tone => readTime(timeFacts(row), now).tone
