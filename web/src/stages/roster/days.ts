/** Days and clock times of a rota, in the city's time zone whatever the browser's is. */
import { DAY_MS, dayOf, OFFSET, ZONE } from '@/kit'

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

export { dayOf }

/** `08:00` of a moment. */
export const clockText = (at: string | number): string => clock.format(new Date(at))

/** `2026-10` of a moment. */
export const monthOf = (at: string | number): string => dayOf(at).slice(0, 7)

/** The days of a month, each with whether it lies on a weekend. */
export function daysOf(month: string): { day: string; number: number; weekend: boolean }[] {
  const first = Date.parse(`${month}-01T12:00:00${OFFSET}`)
  return Array.from({ length: 31 }, (_, i) => dayOf(first + i * DAY_MS))
    .filter((one) => one.startsWith(month))
    .map((one) => ({ day: one, number: Number(one.slice(8)), weekend: [0, 6].includes(new Date(`${one}T12:00:00Z`).getUTCDay()) }))
}

/** The moment of a clock time on a day; `24:00` and `next` are on the day after. */
export function momentOf(date: string, time: string, next = false): string {
  const whole = time === '24:00'
  const at = Date.parse(`${date}T${whole ? '00:00' : time}:00${OFFSET}`) + (whole || next ? DAY_MS : 0)
  return new Date(at).toISOString()
}
