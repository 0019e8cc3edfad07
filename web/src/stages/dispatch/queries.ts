/** Whose duty it is: suggestions with reasons, the duty list, disputes. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, asProblem, take, type Answer, type components } from '@/api'

type Schemas = components['schemas']
export type Suggestion = Schemas['SuggestionOut']
export type Duty = Answer<'/api/duties'>['items'][number]
export type Dispute = Schemas['DisputeOut']

export function useSuggestions(ask: MaybeRefOrGetter<{ matter?: string | null; division?: string | null; event?: string | null }>) {
  const wanted = computed(() => Object.fromEntries(Object.entries(toValue(ask)).filter(([, v]) => v)) as { matter?: string; division?: string; event?: string })
  return useQuery({
    queryKey: ['suggest', wanted],
    queryFn: async () => (await take(api.GET('/api/dispatch/suggest', { params: { query: wanted.value } }))).items,
    enabled: () => Boolean(wanted.value.event || (wanted.value.matter && wanted.value.division)),
  })
}

export function useDisputes(all: MaybeRefOrGetter<boolean>) {
  const state = computed(() => (toValue(all) ? 'all' : 'open') as 'all' | 'open')
  return useQuery({
    queryKey: ['disputes', state],
    queryFn: async () => (await take(api.GET('/api/disputes', { params: { query: { state: state.value } } }))).items,
  })
}

export function useObligations(event: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(event))
  return useQuery({
    queryKey: ['event', of, 'obligations'],
    queryFn: () => take(api.GET('/api/events/{event_id}/obligations', { params: { path: { event_id: of.value } } })),
  })
}

export function useDuties(filter: MaybeRefOrGetter<{ tree?: string; division?: string; org?: string; unverified?: boolean; history?: boolean }>) {
  const wanted = computed(() => toValue(filter))
  return useInfiniteQuery({
    queryKey: ['duties', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/duties', { params: { query: { ...wanted.value, limit: 100, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export type DutyTrial = Schemas['DutyTrialOut']

/** The last try-out of an edition, asked again while a job works it out. */
export function useDutyTrial(edition: () => string | null) {
  const of = computed(edition)
  const { data } = useQuery({
    queryKey: ['duty-trial', of],
    queryFn: async () => {
      try {
        return await take(api.GET('/api/duties/editions/{edition_id}/try-out', { params: { path: { edition_id: of.value! } } }))
      } catch (problem) {
        if (asProblem(problem).status === 404) return null
        throw problem
      }
    },
    enabled: () => Boolean(of.value),
    refetchInterval: (query) => (query.state.data && ['waiting', 'running'].includes(query.state.data.state) ? 1000 : false),
  })
  return { trial: computed(() => (of.value ? (data.value ?? null) : null)) }
}
