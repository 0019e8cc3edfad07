/** The words of the desk: one flat file a stage and language, loaded a language at a time. */
import { createI18n } from 'vue-i18n'

export type Language = 'zh-CN' | 'en'
export const LANGUAGES: Language[] = ['zh-CN', 'en']
type Words = Record<string, Record<string, string>>

const loaders: Record<Language, () => Promise<{ default: Words }>> = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messageResolver: (words, key) => (words as unknown as Record<string, string>)[key] ?? null,
  messages: {} as Record<string, Record<string, string>>,
})

/** `{ event: { accept } }` becomes `event.accept`. */
export function flatten(words: Words): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([stage, rows]) => Object.entries(rows).map(([key, text]) => [`${stage}.${key}`, text])),
  )
}

export function preferredLanguage(): Language {
  const kept = localStorage.getItem('gangmu.lang')
  return kept === 'en' ? 'en' : 'zh-CN'
}

export async function speak(language: Language): Promise<void> {
  if (!i18n.global.availableLocales.includes(language)) {
    i18n.global.setLocaleMessage(language, flatten((await loaders[language]()).default))
  }
  i18n.global.locale.value = language
  localStorage.setItem('gangmu.lang', language)
  document.cookie = `gangmu_lang=${language}; path=/; SameSite=Lax; max-age=31536000`
  document.documentElement.lang = language
}
