/** What helps while the caller speaks: his earlier reports, and what looks the same. */
import { computed, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { api, take } from '@/api'

/** A value that follows after a pause in typing. */
export function useSettled<T>(source: () => T, ms: number): Ref<T> {
  const settled = ref(source()) as Ref<T>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(source, (next) => {
    clearTimeout(timer)
    timer = setTimeout(() => (settled.value = next), ms)
  })
  return settled
}

const PHONE_LEAST = 7

export function useHistory(phone: MaybeRefOrGetter<string>) {
  const wanted = computed(() => toValue(phone).replace(/[^\d+]/g, ''))
  return useQuery({
    queryKey: ['history', wanted],
    queryFn: () => take(api.GET('/api/reporters/history', { params: { query: { phone: wanted.value } } })),
    enabled: () => wanted.value.length >= PHONE_LEAST,
  })
}

export interface Likeness {
  text: string
  matter: string | null
  lon?: number
  lat?: number
}
const TEXT_LEAST = 4

export function useDuplicates(ask: MaybeRefOrGetter<Likeness>) {
  const wanted = computed(() => toValue(ask))
  return useQuery({
    queryKey: ['duplicates', wanted],
    queryFn: () =>
      take(
        api.GET('/api/events/duplicates', {
          params: { query: { text: wanted.value.text || undefined, matter: wanted.value.matter ?? undefined, lon: wanted.value.lon, lat: wanted.value.lat } },
        }),
      ),
    enabled: () => wanted.value.text.trim().length >= TEXT_LEAST || wanted.value.lon !== undefined,
    placeholderData: keepPreviousData,
  })
}
