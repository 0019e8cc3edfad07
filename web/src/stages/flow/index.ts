/** Flows as data. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, take, type components } from '@/api'

export type Flow = components['schemas']['FlowOut']

export function useFlow(which: MaybeRefOrGetter<{ id: string; version: number } | null | undefined>) {
  const { locale } = useI18n()
  const of = computed(() => toValue(which))
  return useQuery({
    queryKey: ['flow', computed(() => [of.value?.id, of.value?.version]), locale],
    queryFn: () => take(api.GET('/api/flows/{flow}/{version}', { params: { path: { flow: of.value!.id, version: of.value!.version } } })),
    enabled: () => Boolean(of.value),
    staleTime: Infinity,
  })
}
