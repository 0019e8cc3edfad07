/** The hotline: one's seat, calls, missed calls, hand-overs, outcomes, figures. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, take, type Answer } from '@/api'
import { useSession } from '@/stages/session'

export type Call = Answer<'/api/calls'>['items'][number]
export type Outcome = Answer<'/api/calls/outcomes'>['items'][number]
export type Missed = Answer<'/api/calls/missed'>['items'][number]
export type Emergency = Answer<'/api/calls/hand-overs'>['items'][number]
export type DayFigures = Answer<'/api/calls/figures'>['total']

/** Ticks about one's own post make it ask again. */
export function useSeat(wanted: MaybeRefOrGetter<boolean>) {
  const { session } = useSession()
  const post = computed(() => session.value?.post ?? '')
  return useQuery({ queryKey: ['call', post], queryFn: () => take(api.GET('/api/calls/mine', {})), enabled: () => toValue(wanted) && Boolean(post.value) })
}

export function useCallerHistory(phone: MaybeRefOrGetter<string>, call: MaybeRefOrGetter<string>) {
  const digits = computed(() => toValue(phone).replace(/[^\d+]/g, ''))
  const id = computed(() => toValue(call))
  return useQuery({
    queryKey: ['history', 'calls', digits, id],
    queryFn: () =>
      id.value
        ? take(api.GET('/api/calls/{tel_id}/history', { params: { path: { tel_id: id.value } } }))
        : take(api.GET('/api/calls/history', { params: { query: { phone: digits.value } } })),
    enabled: () => Boolean(id.value) || digits.value.length >= 7,
  })
}

export function useOutcomes(wanted: MaybeRefOrGetter<boolean> = true) {
  return useQuery({
    queryKey: ['outcomes'],
    queryFn: async () => (await take(api.GET('/api/calls/outcomes', {}))).items,
    enabled: () => toValue(wanted),
    staleTime: 300_000,
  })
}

export function useCalls(filter: MaybeRefOrGetter<{ day?: string; state?: string; confirm?: '' | 'pending'; mine?: boolean }>) {
  const wanted = computed(() => toValue(filter))
  return useInfiniteQuery({
    queryKey: ['calls', 'list', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/calls', { params: { query: { ...wanted.value, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useMissed(wanted: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['calls', 'missed'],
    queryFn: () => take(api.GET('/api/calls/missed', { params: { query: { limit: 200 } } })),
    enabled: () => toValue(wanted),
  })
}

export function useEmergencies(wanted: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['calls', 'hand-overs'],
    queryFn: () => take(api.GET('/api/calls/hand-overs', { params: { query: { limit: 200 } } })),
    enabled: () => toValue(wanted),
  })
}

export function useFigures(wanted: MaybeRefOrGetter<boolean>) {
  return useQuery({ queryKey: ['calls', 'figures'], queryFn: () => take(api.GET('/api/calls/figures', {})), enabled: () => toValue(wanted) })
}
