/** Dates and durations in the words of the reader. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { DAY_MS, ZONE } from './city'
import { houseNow } from './now'
import { splitDuration } from './time'


export function useFormat() {
  const { t, locale } = useI18n()
  const make = (options: Intl.DateTimeFormatOptions) =>
    computed(() => new Intl.DateTimeFormat(locale.value, { hourCycle: 'h23', timeZone: ZONE, ...options }))
  const clock = make({ hour: '2-digit', minute: '2-digit' })
  const dayClock = make({ month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
  const whole = make({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const dayOnly = make({ year: 'numeric', month: '2-digit', day: '2-digit' })
  const key = make({ year: 'numeric', month: '2-digit', day: '2-digit' })

  const parse = (iso: string | null | undefined) => (iso ? new Date(iso) : null)

  /** Short: the clock today, day and clock within the year's reach, the whole date otherwise. */
  function when(iso: string | null | undefined): string {
    const at = parse(iso)
    if (!at || Number.isNaN(at.getTime())) return ''
    const now = new Date(houseNow())
    if (key.value.format(at) === key.value.format(now)) return clock.value.format(at)
    return Math.abs(at.getTime() - now.getTime()) < 200 * DAY_MS ? dayClock.value.format(at) : dayOnly.value.format(at)
  }
  const full = (iso: string | null | undefined): string => {
    const at = parse(iso)
    return at ? whole.value.format(at) : ''
  }
  const day = (iso: string | null | undefined): string => {
    const at = parse(iso)
    return at ? dayOnly.value.format(at) : ''
  }
  const duration = (ms: number): string =>
    splitDuration(ms)
      .map((part) => t(`kit.unit.${part.unit}`, { n: part.n }))
      .join(locale.value === 'en' ? ' ' : '')
  const ago = (iso: string): string => t('kit.ago', { time: duration(houseNow() - Date.parse(iso)) })
  const clockOf = (ms: number): string => clock.value.format(new Date(ms))
  const count = (n: number): string => new Intl.NumberFormat(locale.value).format(n)
  return { when, full, day, duration, ago, clockOf, count }
}
