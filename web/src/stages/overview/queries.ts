/** What the shift leader, the department and the leader look at first, and what a desk remembers. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type Bar = Schemas['Bar']
export type Queue = Schemas['QueueOut']
export type Share = Schemas['ShareOut']
export type Repeat = Schemas['RepeatOut']
export type Load = Schemas['LoadOut']
export type Opens = Record<string, string | boolean>

/** Views are sums of what moves: they are asked for again with the events. */
const EVERY_MS = 30_000

export const useShift = () =>
  useQuery({ queryKey: ['events', 'overview', 'shift'], queryFn: () => take(api.GET('/api/overview/shift', {})), refetchInterval: EVERY_MS })
export const useDepartment = () =>
  useQuery({ queryKey: ['events', 'overview', 'department'], queryFn: () => take(api.GET('/api/overview/department', {})), refetchInterval: EVERY_MS })
export const useLead = () =>
  useQuery({ queryKey: ['events', 'overview', 'lead'], queryFn: () => take(api.GET('/api/overview/lead', {})), refetchInterval: EVERY_MS })

/** The events behind one of the figures that the list of events has no filter for. */
export function useBehind(asked: MaybeRefOrGetter<{ staff?: string; repeat?: string } | null>) {
  const of = computed(() => toValue(asked))
  return useQuery({
    queryKey: ['events', 'overview', 'behind', of],
    queryFn: () =>
      of.value?.staff
        ? take(api.GET('/api/overview/staff/{post_id}/events', { params: { path: { post_id: of.value.staff } } }))
        : take(api.GET('/api/overview/repeats/{repeat_id}/events', { params: { path: { repeat_id: of.value?.repeat ?? '' } } })),
    enabled: () => of.value !== null,
  })
}

/** What this person's desk remembers, by key. */
export function useMemory() {
  const cache = useQueryClient()
  const query = useQuery({ queryKey: ['memory'], queryFn: async () => (await take(api.GET('/api/desk/memory', {}))).items, staleTime: Infinity })
  /** One after the other, so that the last word stays the last. */
  const send = useMutation({
    scope: { id: 'memory' },
    mutationFn: ({ key, value }: { key: string; value: Record<string, unknown> }) =>
      api.PUT('/api/desk/memory/{key}', { params: { path: { key } }, body: { value } }),
  })
  /** On the screen at once: two steps in one moment must not forget each other. */
  const keep = (key: string, value: Record<string, unknown>) => {
    cache.setQueryData(['memory'], (was: Record<string, unknown> | undefined) => ({ ...was, [key]: value }))
    return send.mutateAsync({ key, value })
  }
  const of = (key: string) => (query.data.value?.[key] ?? {}) as Record<string, unknown>
  return { query, of, keep }
}
