/** Ticks make the cache ask again: an event, its lists and the counts, gathered so that a burst asks once. */
import { onScopeDispose, readonly, ref } from 'vue'
import { useQueryClient } from '@tanstack/vue-query'
import { openLive, type LiveState, type Tick } from '@/api'

const GATHER_MS = 700
const state = ref<LiveState | null>(null)

export const useLiveState = () => readonly(state)

/** Which cached questions a tick makes old. */
export function touched(tick: Tick): string[][] {
  if (tick.topic === 'event') return [...(tick.about ? [['event', tick.about]] : []), ['events'], ['inbox'], ['disputes'], ['tasks']]
  if (tick.topic === 'webhook') return [['webhooks']]
  if (tick.topic === 'call') return tick.about ? [['call', tick.about]] : [] // the screen of the seat that it concerns
  return [[tick.topic]]
}

export function useLive(signedOut: () => void): void {
  const cache = useQueryClient()
  let waiting = new Map<string, string[]>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    const keys = [...waiting.values()]
    waiting = new Map()
    for (const queryKey of keys) void cache.invalidateQueries({ queryKey })
  }
  const stop = openLive('/api/live', {
    tick(tick) {
      for (const key of touched(tick)) waiting.set(key.join(' '), key)
      timer ??= setTimeout(flush, GATHER_MS)
    },
    resync: () => void cache.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' }),
    state: (next) => (state.value = next),
    signedOut,
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })
}
