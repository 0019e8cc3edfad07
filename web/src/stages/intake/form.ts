/** The call-taker's form as plain data: what is kept as a draft, and what is sent. */
import { randomKey, type components } from '@/api'

type ReportIn = components['schemas']['ReportIn']

export interface CallForm {
  channel: ReportIn['channel']
  kind: NonNullable<ReportIn['kind']>
  urgent: boolean
  title: string
  text: string
  happened_at: string | null
  address: string
  point: { lon: number; lat: number } | null
  matter_id: string | null
  matter_title: string
  name: string
  phone: string
  anonymous: boolean
  confidential: boolean
  consent: boolean
  want_reply: boolean
  join_event_id: string | null
  files: { id: string; name: string }[]
}

export const blankCall = (): CallForm => ({
  channel: 'hotline12345',
  kind: 'complaint',
  urgent: false,
  title: '',
  text: '',
  happened_at: null,
  address: '',
  point: null,
  matter_id: null,
  matter_title: '',
  name: '',
  phone: '',
  anonymous: false,
  confidential: false,
  consent: true,
  want_reply: true,
  join_event_id: null,
  files: [],
})

export const isBlank = (form: CallForm): boolean => JSON.stringify(form) === JSON.stringify(blankCall())

/** A draft of an older form still opens: unknown things are dropped, missing ones are blank. */
export function restoreCall(kept: Record<string, unknown>): CallForm {
  const blank = blankCall()
  const own = Object.keys(blank).filter((key) => key in kept)
  return { ...blank, ...Object.fromEntries(own.map((key) => [key, kept[key]])) } as CallForm
}

export type CallGap = 'text' | 'where'

/** What must be there before it can be sent: the words, and some place. */
export function gapsOf(form: CallForm): CallGap[] {
  const gaps: CallGap[] = []
  if (!form.text.trim()) gaps.push('text')
  if (!form.address.trim() && !form.point) gaps.push('where')
  return gaps
}

const TITLE_LENGTH = 40

export function bodyOf(form: CallForm): ReportIn {
  const text = form.text.trim()
  return {
    channel: form.channel,
    kind: form.kind,
    urgent: form.urgent,
    title: form.title.trim() || text.split(/[。！？!?\n]/)[0].slice(0, TITLE_LENGTH),
    text,
    happened_at: form.happened_at,
    address: form.address.trim(),
    lon: form.point?.lon ?? null,
    lat: form.point?.lat ?? null,
    matter_id: form.matter_id,
    reporter: form.anonymous ? { anonymous: true } : { name: form.name.trim(), phone: form.phone.trim(), confidential: form.confidential },
    consent: form.consent,
    want_reply: form.want_reply && !form.anonymous,
    join_event_id: form.join_event_id,
    attachments: form.files.map((file) => file.id),
  }
}

/** One key for one content: pressing twice sends one report, changing a word makes it another. */
export class SendOnce {
  private last = ''
  private key = ''

  keyFor(body: unknown): string {
    const content = JSON.stringify(body)
    if (content !== this.last) {
      this.last = content
      this.key = randomKey()
    }
    return this.key
  }

  done(): void {
    this.last = ''
  }
}
