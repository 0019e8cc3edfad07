/** From what a verb requires to the fields of its form, and from the filled form to the body that is sent. */
import type { ActBody } from './types'

export type FieldKind = 'text' | 'condition' | 'closing' | 'org' | 'orgs' | 'post' | 'files' | 'date' | 'grade' | 'choice' | 'state'

export interface FormField {
  name: FieldName
  kind: FieldKind
  needed: boolean
  /** Of evidence: before, after, near, far. */
  stage?: string
}

export type FieldName =
  | 'reason' | 'condition_id' | 'closing_condition_id' | 'lead_org' | 'assistants' | 'handler_post' | 'answer' | 'until'
  | 'satisfaction' | 'outcome' | 'to_state' | `evidence:${string}`

export interface FileFact {
  id: string
  name: string
  stage: string
}

export interface FormValues {
  reason?: string
  condition_id?: string | null
  closing_condition_id?: string | null
  lead_org?: string | null
  assistants?: string[]
  handler_post?: string | null
  answer?: string
  until?: string | null
  satisfaction?: string
  outcome?: string
  to_state?: string
  files?: FileFact[]
}

const KINDS: Record<string, { name: FieldName; kind: FieldKind }> = {
  filing_condition: { name: 'condition_id', kind: 'condition' },
  closing_condition: { name: 'closing_condition_id', kind: 'closing' },
  lead_org: { name: 'lead_org', kind: 'org' },
  assistants: { name: 'assistants', kind: 'orgs' },
  handler: { name: 'handler_post', kind: 'post' },
  answer: { name: 'answer', kind: 'text' },
  until: { name: 'until', kind: 'date' },
  satisfaction: { name: 'satisfaction', kind: 'grade' },
  outcome: { name: 'outcome', kind: 'choice' },
  reason: { name: 'reason', kind: 'text' },
}
/** The eye goes from what decides to what explains. */
const ORDER = ['filing_condition', 'closing_condition', 'lead_org', 'assistants', 'handler', 'outcome', 'satisfaction', 'until', 'evidence', 'answer', 'reason']

const rank = (item: string) => ORDER.indexOf(item.split(':')[0])

export const SATISFACTION = ['very_satisfied', 'satisfied', 'fair', 'unsatisfied', 'very_unsatisfied'] as const

/** The fields of a verb: what it requires, what it takes besides, and where to when it may lead to several states. */
export function formFields(requires: string[], takes: string[] = [], choices: string[] = []): FormField[] {
  const where: FormField[] = choices.length ? [{ name: 'to_state', kind: 'state', needed: true }] : []
  const fields = [...new Set([...requires, ...takes])]
    .filter((item) => rank(item) >= 0)
    .sort((a, b) => rank(a) - rank(b))
    .map((item): FormField => {
      const needed = requires.includes(item)
      if (item.startsWith('evidence')) {
        const stage = item.split(':')[1] || 'near'
        return { name: `evidence:${stage}`, kind: 'files', needed, stage }
      }
      return { ...KINDS[item], needed }
    })
  return [...where, ...fields]
}

const filled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : typeof value === 'string' ? value.trim() !== '' : value !== null && value !== undefined

export function valueOf(values: FormValues, field: FormField): unknown {
  if (field.kind === 'files') return (values.files ?? []).filter((file) => file.stage === field.stage)
  return (values as Record<string, unknown>)[field.name]
}

/** The names of the needed fields that are still empty. */
export function missing(fields: FormField[], values: FormValues): FieldName[] {
  return fields.filter((field) => field.needed && !filled(valueOf(values, field))).map((field) => field.name)
}

/** The body of the act: only what the verb asks for, and the version that was looked at. */
export function actBody(fields: FormField[], values: FormValues, version: number): ActBody {
  const body: Record<string, unknown> = { version }
  for (const field of fields) {
    const value = valueOf(values, field)
    if (!filled(value)) continue
    if (field.kind === 'files') {
      const sent = (value as FileFact[]).map((file) => ({ file: file.id, kind: file.stage }))
      body.evidence = [...((body.evidence as unknown[]) ?? []), ...sent]
    } else body[field.name] = typeof value === 'string' ? value.trim() : value
  }
  const classed = (values as Record<string, unknown>).matter_id
  if (classed) body.matter_id = classed
  return body as ActBody
}

