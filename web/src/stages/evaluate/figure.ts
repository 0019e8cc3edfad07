/** How a figure reads: its value, its parts, and why there is none. No data is never 0. */
import { useI18n } from 'vue-i18n'
import { useFormat } from '@/kit'
import type { Figure, Rate } from './queries'

export const NONE = '—'

export function useFigures() {
  const { t, locale } = useI18n()
  const { count } = useFormat()
  const shown = (rate: Pick<Rate, 'unit' | 'denominator'>, figure: Pick<Figure, 'value'> | undefined): string => {
    if (!figure || figure.value === null) return NONE
    if (!rate.denominator.length) return count(figure.value)
    if (rate.unit !== '%') return new Intl.NumberFormat(locale.value, { maximumFractionDigits: 2 }).format(figure.value)
    return `${new Intl.NumberFormat(locale.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(figure.value * 100)}%`
  }
  const parts = (rate: Pick<Rate, 'denominator'>, figure: Figure): string =>
    rate.denominator.length ? `${count(figure.numerator)} / ${count(figure.denominator)}` : ''
  /** All that there is to say of a figure, for who hovers or listens. */
  const told = (rate: Pick<Rate, 'title' | 'unit' | 'denominator'>, figure: Figure): string =>
    [
      `${rate.title} ${shown(rate, figure)}`,
      figure.value === null ? t(`evaluate.why.${figure.why}`) : parts(rate, figure),
      figure.excluded ? t('evaluate.excluded_n', { n: figure.excluded }) : '',
      figure.few ? t('evaluate.few') : '',
    ]
      .filter(Boolean)
      .join(' · ')
  return { shown, parts, told }
}
