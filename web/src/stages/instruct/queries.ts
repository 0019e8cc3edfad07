/** Leaders' instructions: given, read, answered, withdrawn. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type Instruction = Schemas['InstructionOut']
export interface Box {
  box: 'all' | 'to_me' | 'by_me'
  state: 'open' | 'answered' | 'all'
  late?: boolean
}

export function useInstructions(asked: MaybeRefOrGetter<Box>) {
  const query = computed(() => toValue(asked))
  return useQuery({
    queryKey: ['instruction', query],
    queryFn: async () => (await take(api.GET('/api/instructions', { params: { query: { ...query.value, limit: 100 } } }))).items,
  })
}

export function useInstructionsOf(event: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(event))
  return useQuery({
    queryKey: ['instruction', 'event', of],
    queryFn: async () => (await take(api.GET('/api/events/{event_id}/instructions', { params: { path: { event_id: of.value } } }))).items,
    enabled: () => Boolean(of.value),
  })
}

function useChange<T>(change: (given: T) => Promise<unknown>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      for (const queryKey of [['instruction'], ['event'], ['events', 'overview']]) await cache.invalidateQueries({ queryKey })
    },
  })
}

const path = (id: string) => ({ params: { path: { instruction_id: id } } })
export const useGive = () =>
  useChange(({ body, key }: { body: Schemas['InstructionIn']; key: string }) => take(api.POST('/api/instructions', { body, headers: { 'Idempotency-Key': key } })))
export const useRead = () => useChange((id: string) => take(api.POST('/api/instructions/{instruction_id}/read', path(id))))
export const useAnswer = () =>
  useChange(({ id, text }: { id: string; text: string }) => take(api.POST('/api/instructions/{instruction_id}/answer', { ...path(id), body: { text } })))
export const useWithdraw = () => useChange((id: string) => take(api.POST('/api/instructions/{instruction_id}/withdraw', path(id))))
