/** What speaks for two events being one matter, in words. */
import { useI18n } from 'vue-i18n'
import type { components } from '@/api'

export function useLikeness() {
  const { t } = useI18n()
  return (like: components['schemas']['LikenessOut']): string =>
    [
      like.metres === null ? '' : t('event.like_near', { n: Math.round(like.metres) }),
      like.same_matter ? t('event.like_matter') : '',
      like.text > 0 ? t('event.like_text', { n: Math.round(like.text * 100) }) : '',
      t('event.like_days', { n: Math.round(like.days * 10) / 10 }),
    ]
      .filter(Boolean)
      .join(' · ')
}
