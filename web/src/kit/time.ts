/** Time left, as a rule: what shape, word and colour a deadline has at this moment. */
export type Tone = 'red' | 'orange' | 'yellow' | 'blue' | 'green' | 'grey'
export type TimeWord = 'overdue' | 'soon' | 'half' | 'calm' | 'paused' | 'kept' | 'missed' | 'none'

export interface TimeFacts {
  due?: string | null
  started?: string | null
  /** The house has judged it near its end, by its own rule. */
  near?: boolean
  paused?: boolean
  stopped?: string | null
}

export interface TimeReading {
  word: TimeWord
  tone: Tone
  /** Milliseconds to the deadline; negative when it has passed. Null without a deadline. */
  left: number | null
  /** Share of the time used, 0 to 1. */
  share: number
}

const TONES: Record<TimeWord, Tone> = {
  overdue: 'red',
  soon: 'orange',
  half: 'yellow',
  calm: 'blue',
  paused: 'grey',
  kept: 'green',
  missed: 'red',
  none: 'grey',
}

const SOON = 0.8
const HALF = 0.5

export function readTime(facts: TimeFacts, now: number): TimeReading {
  const reading = (word: TimeWord, left: number | null, share: number): TimeReading => ({
    word,
    tone: TONES[word],
    left,
    share: Math.max(0, Math.min(1, share)),
  })
  if (!facts.due) return reading('none', null, 0)
  const due = Date.parse(facts.due)
  const started = facts.started ? Date.parse(facts.started) : due
  const shareAt = (at: number) => (due > started ? (at - started) / (due - started) : at >= due ? 1 : 0)
  if (facts.stopped) {
    const stopped = Date.parse(facts.stopped)
    return reading(stopped > due ? 'missed' : 'kept', due - stopped, shareAt(stopped))
  }
  if (facts.paused) return reading('paused', due - now, shareAt(now))
  const share = shareAt(now)
  if (now > due) return reading('overdue', due - now, 1)
  if (share >= SOON || facts.near) return reading('soon', due - now, share)
  return reading(share >= HALF ? 'half' : 'calm', due - now, share)
}

/** From so many hours on the minutes no longer matter to anybody. */
const PLAIN_HOURS = 10

/** The two largest units of a duration: days and hours, hours and minutes (below ten hours), or minutes. */
export function splitDuration(ms: number): { unit: 'd' | 'h' | 'm'; n: number }[] {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  const d = Math.floor(minutes / 1440)
  const h = Math.floor((minutes % 1440) / 60)
  const m = minutes % 60
  if (d) return h ? [{ unit: 'd', n: d }, { unit: 'h', n: h }] : [{ unit: 'd', n: d }]
  if (h) return m && h < PLAIN_HOURS ? [{ unit: 'h', n: h }, { unit: 'm', n: m }] : [{ unit: 'h', n: h }]
  return [{ unit: 'm', n: m }]
}
