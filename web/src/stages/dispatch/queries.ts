/** Whose duty it is: suggestions with reasons, the duty list, disputes. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type Suggestion = Schemas['SuggestionOut']
export type Duty = Schemas['DutyOut']
export type Dispute = Schemas['DisputeOut']

export function useSuggestions(ask: MaybeRefOrGetter<{ matter?: string | null; division?: string | null; event?: string | null }>) {
  const wanted = computed(() => Object.fromEntries(Object.entries(toValue(ask)).filter(([, v]) => v)))
  return useQuery({
    queryKey: ['suggest', wanted],
    queryFn: async () => (await take(api.GET('/api/dispatch/suggest', { params: { query: wanted.value } }))).items,
    enabled: () => Boolean(wanted.value.event || (wanted.value.matter && wanted.value.division)),
  })
}

export const useDisputes = () =>
  useQuery({ queryKey: ['disputes'], queryFn: async () => (await take(api.GET('/api/disputes', {}))).items })
