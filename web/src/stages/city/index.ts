/** What kind of city this is: a real one, the demo, or one to practise in. Every screen shows the latter two. */
import { computed, watchEffect, type Ref } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, take, type components } from '@/api'
import { useSession } from '@/stages/session'

export { default as CityMark } from './CityMark.vue'
export { default as ResetCity } from './ResetCity.vue'
export type CityKind = components['schemas']['SessionOut']['city']

/** The kind: of the session's city, before signing in as the sign-in page is told it. */
export function useCity() {
  const { session } = useSession()
  const { data: doors } = useQuery({ queryKey: ['doors'], queryFn: () => take(api.GET('/api/sign-in', {})), retry: false, enabled: computed(() => !session.value) })
  const kind = computed<CityKind>(() => session.value?.city ?? doors.value?.city ?? 'real')
  return { kind, mayReset: computed(() => session.value?.may_reset ?? false), doors: computed(() => doors.value?.items ?? []) }
}

/** The kind as anybody is told it, where it does not matter who sits there. */
export function useCityOfDoors() {
  const { data: doors } = useQuery({ queryKey: ['doors'], queryFn: () => take(api.GET('/api/sign-in', {})), staleTime: Infinity })
  return { kind: computed<CityKind>(() => doors.value?.city ?? 'real') }
}

/** The page's title and the picture beside it say it too. */
export function useMarkedWindow(kind: Ref<CityKind>, title = 'city.title'): void {
  const { t } = useI18n()
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  watchEffect(() => {
    document.title = kind.value === 'real' ? t(title) : `${t(`city.mark.${kind.value}`)} · ${t(title)}`
    if (icon) icon.href = kind.value === 'real' ? '/mark.svg' : `/mark-${kind.value}.svg`
  })
}

/** Waits until the city is there anew: the house answers again, and nobody is signed in. */
export async function freshCity(pause: (ms: number) => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    await pause(1000)
    try {
      const answer = await fetch('/api/session', { credentials: 'same-origin' })
      if (answer.status === 401) return
    } catch {
      // nobody listens for a moment
    }
  }
}
