/** What moved under one's hands: the fields that differ between what was looked at and what is there now. */
import type { Act, EventOut } from './types'

const WATCHED = ['state_title', 'holder_role', 'lead_org_name', 'due_at', 'title', 'address', 'matter_title', 'urgent', 'supervised', 'report_count'] as const
export type Watched = (typeof WATCHED)[number]

export interface Change {
  field: Watched
  before: string
  after: string
}

const asText = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Object.values(value as object).filter((v) => typeof v === 'string').join(' ')
  return String(value)
}

export function changesBetween(before: EventOut, after: EventOut): Change[] {
  return WATCHED.map((field) => ({
    field,
    before: asText((before as Record<string, unknown>)[field]),
    after: asText((after as Record<string, unknown>)[field]),
  })).filter((change) => change.before !== change.after)
}

/** The acts recorded after the moment one had looked. */
export function actsSince(acts: Act[], asOf: string): Act[] {
  return acts.filter((act) => Date.parse(act.recorded_at) > Date.parse(asOf))
}
