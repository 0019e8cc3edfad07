/** Asking for rotas, leave, stand-ins, hand-overs and notices. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, take, type Answer } from '@/api'
import { daysOf, momentOf } from './days'

export type Shift = Answer<'/api/roster/shifts'>['items'][number]
export type Pattern = Answer<'/api/roster/patterns'>['items'][number]
export type Finding = Answer<'/api/roster/findings'>['items'][number]
export type Swap = Answer<'/api/roster/swaps'>['items'][number]
export type Leave = Answer<'/api/leaves'>['items'][number]
export type StandIn = Answer<'/api/stand-ins'>['items'][number]
export type HandOver = Answer<'/api/hand-overs/{hand_over_id}'>

type Ask<T> = MaybeRefOrGetter<T>
const PAGE = 200

export function spanOf(month: string): { from: string; to: string } {
  const days = daysOf(month)
  return { from: momentOf(days[0]!.day, '00:00'), to: momentOf(days[days.length - 1]!.day, '24:00') }
}

/** All shifts of an organisation that touch a month. */
export function useShifts(org: Ask<string | null>, month: Ask<string>) {
  const asked = computed(() => ({ org: toValue(org), month: toValue(month) }))
  return useQuery({
    queryKey: ['roster', 'shifts', asked],
    queryFn: async () => {
      const found: Shift[] = []
      let after: string | undefined
      do {
        const part = await take(api.GET('/api/roster/shifts', { params: { query: { ...spanOf(asked.value.month), org: asked.value.org ?? undefined, limit: PAGE, after } } }))
        found.push(...part.items)
        after = part.next ?? undefined
      } while (after)
      return found
    },
    enabled: () => Boolean(asked.value.org),
    placeholderData: keepPreviousData,
  })
}

export function usePatterns(org: Ask<string | null>) {
  const asked = computed(() => toValue(org))
  return useQuery({
    queryKey: ['roster', 'patterns', asked],
    queryFn: async () => (await take(api.GET('/api/roster/patterns', { params: { query: { org: asked.value ?? undefined } } }))).items,
    enabled: () => Boolean(asked.value),
  })
}

export function useFindings(org: Ask<string | null>, month: Ask<string>) {
  const asked = computed(() => ({ org: toValue(org), month: toValue(month) }))
  return useQuery({
    queryKey: ['roster', 'findings', asked],
    queryFn: async () => (await take(api.GET('/api/roster/findings', { params: { query: { org: asked.value.org!, ...spanOf(asked.value.month) } } }))).items,
    enabled: () => Boolean(asked.value.org),
  })
}

export const useOnDuty = () =>
  useQuery({ queryKey: ['roster', 'on-duty'], queryFn: async () => (await take(api.GET('/api/roster/on-duty', {}))).items, refetchInterval: 60_000 })

export const useMyShifts = (enabled: () => boolean) =>
  useQuery({ queryKey: ['roster', 'mine'], queryFn: () => take(api.GET('/api/roster/mine', {})), refetchInterval: 60_000, enabled })

export const useSwaps = () =>
  useQuery({ queryKey: ['roster', 'swaps'], queryFn: async () => (await take(api.GET('/api/roster/swaps', {}))).items })

export function useHandOvers(enabled: () => boolean) {
  return useInfiniteQuery({
    queryKey: ['roster', 'hand-overs'],
    queryFn: ({ pageParam }) => take(api.GET('/api/hand-overs', { params: { query: { after: pageParam, limit: 20 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  })
}

export function useHandOver(id: Ask<string | null>) {
  const asked = computed(() => toValue(id))
  return useQuery({
    queryKey: ['roster', 'hand-over', asked],
    queryFn: () => take(api.GET('/api/hand-overs/{hand_over_id}', { params: { path: { hand_over_id: asked.value! } } })),
    enabled: () => Boolean(asked.value),
  })
}

export function useMatters(shift: Ask<string | null>) {
  const asked = computed(() => toValue(shift))
  return useQuery({
    queryKey: ['roster', 'matters', asked],
    queryFn: () => take(api.GET('/api/roster/shifts/{shift_id}/matters', { params: { path: { shift_id: asked.value! } } })),
    enabled: () => Boolean(asked.value),
  })
}

export function useSince(enabled: () => boolean) {
  return useInfiniteQuery({
    queryKey: ['roster', 'since'],
    queryFn: ({ pageParam }) => take(api.GET('/api/roster/since', { params: { query: { after: pageParam, limit: 30 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  })
}

export const useNotices = (nobody: boolean, enabled: () => boolean) =>
  useQuery({
    queryKey: ['roster', 'notices', nobody],
    queryFn: async () => (await take(api.GET('/api/notices', { params: { query: { nobody, limit: 50 } } }))).items,
    refetchInterval: 60_000,
    enabled,
  })
