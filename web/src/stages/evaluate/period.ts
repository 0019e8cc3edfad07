/** Periods by the names that people write: 2026-11-30, 2026-W48, 2026-11, 2026-Q4, 2026. Stepping and naming, no clock. */
export type Span = 'day' | 'week' | 'month' | 'quarter' | 'year'
export const SPANS: Span[] = ['day', 'week', 'month', 'quarter', 'year']

const pad = (n: number) => String(n).padStart(2, '0')
const utc = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day))
const iso = (at: Date) => `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`

export function spanOf(name: string): Span | null {
  if (/^\d{4}-\d\d-\d\d$/.test(name)) return 'day'
  if (/^\d{4}-W\d\d$/.test(name)) return 'week'
  if (/^\d{4}-\d\d$/.test(name)) return 'month'
  if (/^\d{4}-Q[1-4]$/.test(name)) return 'quarter'
  return /^\d{4}$/.test(name) ? 'year' : null
}

/** The Monday of a week by its ISO number: the week that holds 4 January is the first. */
function monday(year: number, week: number): Date {
  const fourth = utc(year, 0, 4)
  return utc(year, 0, 4 - ((fourth.getUTCDay() + 6) % 7) + (week - 1) * 7)
}

/** The first day of a period. */
export function firstDay(name: string): Date | null {
  const n = name.match(/\d+/g)?.map(Number) ?? []
  switch (spanOf(name)) {
    case 'day':
      return utc(n[0], n[1] - 1, n[2])
    case 'week':
      return monday(n[0], n[1])
    case 'month':
      return utc(n[0], n[1] - 1, 1)
    case 'quarter':
      return utc(n[0], n[1] * 3 - 3, 1)
    case 'year':
      return utc(n[0], 0, 1)
    default:
      return null
  }
}

/** The period of a span that a day lies in. */
export function periodOf(span: Span, day: Date): string {
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()]
  if (span === 'day') return iso(day)
  if (span === 'month') return `${year}-${pad(month + 1)}`
  if (span === 'quarter') return `${year}-Q${Math.floor(month / 3) + 1}`
  if (span === 'year') return String(year)
  const thursday = utc(year, month, day.getUTCDate() + 3 - ((day.getUTCDay() + 6) % 7))
  const first = monday(thursday.getUTCFullYear(), 1)
  return `${thursday.getUTCFullYear()}-W${pad(Math.round((thursday.getTime() - first.getTime()) / 604_800_000 + 0.5))}`
}

/** The period so many after (or before) one. */
export function stepped(name: string, by: number): string {
  const span = spanOf(name)
  const first = firstDay(name)
  if (!span || !first) return name
  const [year, month, day] = [first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate()]
  const moved = {
    day: () => utc(year, month, day + by),
    week: () => utc(year, month, day + 7 * by),
    month: () => utc(year, month + by, 1),
    quarter: () => utc(year, month + 3 * by, 1),
    year: () => utc(year + by, 0, 1),
  }[span]()
  return periodOf(span, moved)
}

/** The same days seen as another span: the period of it that the first day lies in. */
export const asSpan = (name: string, span: Span): string => {
  const first = firstDay(name)
  return first ? periodOf(span, first) : name
}

/** The city's day of a moment, as a date without a clock. */
export function dayIn(at: number, zone = 'Asia/Shanghai'): Date {
  const [year, month, day] = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    .format(new Date(at))
    .split('-')
    .map(Number)
  return utc(year, month - 1, day)
}
