/** The holds of an event; putting one and lifting one. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

export type Mark = components['schemas']['HoldMark']

export function useHoldsOf(event: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(event))
  return useQuery({
    queryKey: ['retention', 'of', of],
    queryFn: () => take(api.GET('/api/events/{event_id}/holds', { params: { path: { event_id: of.value } } })),
    enabled: () => Boolean(of.value),
  })
}

function useChange<T>(change: (given: T) => Promise<unknown>) {
  const cache = useQueryClient()
  return useMutation({ mutationFn: change, onSettled: () => cache.invalidateQueries({ queryKey: ['retention'] }) })
}
export const usePut = () => useChange((body: components['schemas']['HoldIn']) => take(api.POST('/api/retention/holds', { body })))
export const useLift = () => useChange((id: string) => api.DELETE('/api/retention/holds/{hold_id}', { params: { path: { hold_id: id } } }))
