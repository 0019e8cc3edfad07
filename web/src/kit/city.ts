/** Days of the city: in its own time zone, whatever the browser's is. */
import { houseNow } from './now'

export const ZONE = 'Asia/Shanghai'
export const OFFSET = '+08:00'
export const DAY_MS = 86_400_000
const day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })

/** `2026-10-01` of a moment. */
export const dayOf = (at: string | number): string => day.format(new Date(at))

/** The day so many days from today. */
export const dayFromNow = (days: number): string => dayOf(houseNow() + days * DAY_MS)

/** The moment at which a day begins, or the one so many days after it. */
export const startOf = (date: string, after = 0): string => new Date(Date.parse(`${date}T00:00:00${OFFSET}`) + after * DAY_MS).toISOString()
