/** What was done ticks the first steps: keys that a page took, pages that were opened. Kept for the person. */
import { computed, onBeforeUnmount, watch } from 'vue'
import { useRoute } from 'vue-router'
import { onDone } from '@/api'
import { keymap } from '@/kit'
import { useMemory } from '@/stages/overview'
import { useSession } from '@/stages/session'
import { DRILLS, STEPS } from './steps'

const KEY = 'first-steps'

export function useSteps() {
  const memory = useMemory()
  const ticked = computed(() => new Set(Object.entries(memory.of(KEY)).filter(([, done]) => done).map(([step]) => step)))
  const tick = (step: string, done = true) => {
    if (!memory.query.data.value || ticked.value.has(step) === done) return
    void memory.keep(KEY, { ...memory.of(KEY), [step]: done })
  }
  return { ticked, tick, ready: computed(() => Boolean(memory.query.data.value)) }
}

/** Listens for as long as the frame of the desk is there. */
export function useTicking(): void {
  const route = useRoute()
  const { post } = useSession()
  const { ticked, tick, ready } = useSteps()
  const open = computed(() =>
    (post.value?.roles ?? []).flatMap((role) => (STEPS[role] ?? []).map((keys, i) => ({ keys, step: `${role}.${i + 1}` }))).filter((one) => !ticked.value.has(one.step)),
  )
  const fits = (keys: string, what: string) => keys === what || (keys.startsWith('path:') && what.startsWith(keys))
  /** What was done before the desk remembered; told when it does. */
  let early: string[] = []
  function reach(what: string) {
    if (!ready.value) early.push(what)
    else open.value.filter((one) => fits(one.keys, what)).forEach((one) => tick(one.step))
  }
  /** Drills are ticked by what the house has taken, whoever pressed what. */
  const stopDrills = onDone((what) =>
    (post.value?.roles ?? []).forEach((role) => (DRILLS[role] ?? []).forEach((drill, i) => drill.done.test(what) && tick(`${role}.d${i + 1}`))),
  )
  const stop = keymap.onTaken(reach)
  watch(() => route.path, (path) => reach(`path:${path}`), { immediate: true })
  watch(ready, () => {
    const waiting = early
    early = []
    waiting.forEach(reach)
  })
  onBeforeUnmount(() => {
    stop()
    stopDrills()
  })
}
