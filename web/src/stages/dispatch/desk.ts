/** The dispatcher's desk: several events at once, who gave such matters back before, what a decision changes. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type BatchOffer = Schemas['BatchOffer']
export type DispatchedOut = Schemas['DispatchedOut']
export type BatchWish = Schemas['BatchWish']
export type Proposal = Schemas['DutyProposalOut']

const AT_ONCE = 50

/** Suggestions for many events, asked for in pieces. */
export function useOffers(events: MaybeRefOrGetter<string[]>) {
  const wanted = computed(() => [...toValue(events)])
  return useQuery({
    queryKey: ['offers', wanted],
    queryFn: async () => {
      const found: BatchOffer[] = []
      for (let from = 0; from < wanted.value.length; from += AT_ONCE) {
        const event = wanted.value.slice(from, from + AT_ONCE)
        found.push(...(await take(api.GET('/api/dispatch/offers', { params: { query: { event } } }))).items)
      }
      return found
    },
    enabled: () => wanted.value.length > 0,
    staleTime: Infinity,
    gcTime: 0,
  })
}

export function useBatch() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ items, key }: { items: BatchWish[]; key: string }) =>
      take(api.POST('/api/dispatch/batch', { body: { items }, headers: { 'Idempotency-Key': key } })),
    onSuccess: async () => {
      for (const queryKey of [['event'], ['events'], ['inbox']]) await cache.invalidateQueries({ queryKey })
    },
  })
}

export function useReturns(dispute: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(dispute))
  return useQuery({
    queryKey: ['disputes', of, 'returns'],
    queryFn: () => take(api.GET('/api/disputes/{dispute_id}/returns', { params: { path: { dispute_id: of.value } } })),
    enabled: () => Boolean(of.value),
    retry: false,
  })
}

export function useProposals(all: MaybeRefOrGetter<boolean>, enabled: () => boolean = () => true) {
  const state = computed(() => (toValue(all) ? 'all' : 'open') as 'all' | 'open')
  return useQuery({
    queryKey: ['duty', 'proposals', state],
    queryFn: async () => (await take(api.GET('/api/duty-proposals', { params: { query: { state: state.value } } }))).items,
    enabled,
  })
}

/** A change at the dispute desk; afterwards disputes, proposals and events are asked for anew. */
export function useDeskChange<T>(change: (given: T) => Promise<unknown>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      for (const queryKey of [['disputes'], ['duty'], ['duties'], ['event'], ['events'], ['inbox']]) await cache.invalidateQueries({ queryKey })
    },
  })
}

export const useDesignate = () =>
  useDeskChange(({ id, body, key }: { id: string; body: Schemas['DesignateIn']; key: string }) =>
    take(api.POST('/api/disputes/{dispute_id}/designate', { params: { path: { dispute_id: id } }, body, headers: { 'Idempotency-Key': key } })),
  )

export const usePropose = () =>
  useDeskChange(({ id, whole }: { id: string; whole: boolean }) =>
    take(api.POST('/api/disputes/{dispute_id}/proposal', { params: { path: { dispute_id: id } }, body: { whole_county: whole, note: '' } })),
  )

export const useEndProposal = () =>
  useDeskChange(({ one, taken, why }: { one: Proposal; taken: boolean; why: string }) =>
    take(api.POST('/api/duty-proposals/{proposal_id}', { params: { path: { proposal_id: one.id } }, body: { take: taken, why, version: one.version } })),
  )
