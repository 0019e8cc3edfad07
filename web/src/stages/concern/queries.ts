/** What an event concerns. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type ConcernedPerson = Schemas['ConcernedPersonOut']
export const ROLES = ['party', 'other_party', 'reporter', 'relative', 'guardian', 'witness', 'victim', 'mediator'] as const
export const KINDS = ['released', 'correction', 'drug', 'mental', 'youth', 'cult', 'petition', 'alone', 'left_child', 'disabled', 'poor'] as const

export function useConcern(event: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(event))
  return useQuery({
    queryKey: ['event', of, 'concern'],
    queryFn: () => take(api.GET('/api/events/{event_id}/concern', { params: { path: { event_id: of.value } } })),
  })
}

export function useProposed(ask: MaybeRefOrGetter<{ lon: number; lat: number; text: string; matter?: string } | null>) {
  const at = computed(() => toValue(ask))
  return useQuery({
    queryKey: ['concern', 'suggest', at],
    queryFn: async () => (await take(api.GET('/api/concern/suggest', { params: { query: at.value! } }))).items,
    enabled: () => at.value !== null,
  })
}
