/** The call at hand: it is there when the telephone system told of it, or is begun by the first act on it. */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { useQueryClient } from '@tanstack/vue-query'
import { api, asProblem, randomKey, take, type components } from '@/api'
import { say } from '@/kit'
import { useSeat, type Call } from './queries'

export type Ending = Omit<components['schemas']['CloseIn'], 'outcome'>
type Order = components['schemas']['OrderIn']

export interface Line {
  call: ComputedRef<Call | null>
  number: ComputedRef<string>
  seat: ComputedRef<string>
  waiting: ComputedRef<number>
  busy: Ref<boolean>
  close: (outcome: string, ending: Ending, phone: string) => Promise<Call | null>
  handOver: (line: '110' | '119' | '120' | '122', note: string, phone: string) => Promise<Call | null>
  order: (body: Order, phone: string) => Promise<components['schemas']['OrderOut'] | null>
  transfer: (way: 'three_party' | 'expert_seat' | 'department', receiver: string, phone: string) => Promise<Call | null>
  sit: (seat: string) => Promise<void>
}

export function useLine(wanted: () => boolean): Line {
  const cache = useQueryClient()
  const mine = useSeat(wanted)
  const busy = ref(false)
  const call = computed(() => mine.data.value?.calls[0] ?? null)

  /** A number of one's own, if no telephone system has told of the call. */
  async function atHand(phone: string): Promise<string> {
    if (call.value && call.value.state === 'answered') return call.value.id
    const headers = { 'Idempotency-Key': randomKey() }
    return (await take(api.POST('/api/calls', { body: { number: phone }, headers }))).id
  }
  async function once<T>(act: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    busy.value = true
    try {
      return await act()
    } catch (error) {
      say(asProblem(error).message, 'red', asProblem(error).code)
      return null
    } finally {
      busy.value = false
      await cache.invalidateQueries({ predicate: (q) => ['call', 'calls', 'knowledge', 'history', 'events', 'inbox'].includes(String(q.queryKey[0])) && q.queryKey[1] !== 'found' })
    }
  }
  const path = async (phone: string) => ({ tel_id: await atHand(phone) })
  return {
    call,
    number: computed(() => mine.data.value?.number ?? ''),
    seat: computed(() => mine.data.value?.seat ?? ''),
    waiting: computed(() => Math.max(0, (mine.data.value?.calls.length ?? 0) - 1)),
    busy,
    close: (outcome, ending, phone) => once(async () => take(api.POST('/api/calls/{tel_id}/close', { params: { path: await path(phone) }, body: { ...ending, outcome } }))),
    handOver: (line, note, phone) => once(async () => (await take(api.POST('/api/calls/{tel_id}/hand-over', { params: { path: await path(phone) }, body: { line, note } }))).call),
    order: (body, phone) => once(async () => take(api.POST('/api/calls/{tel_id}/order', { params: { path: await path(phone) }, body }))),
    transfer: (way, receiver, phone) => once(async () => take(api.POST('/api/calls/{tel_id}/transfers', { params: { path: await path(phone) }, body: { way, receiver } }))),
    sit: async (seat) => void (await once(() => api.PUT('/api/calls/seat', { body: { seat } }))),
  }
}
