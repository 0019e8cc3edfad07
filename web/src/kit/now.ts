/** The time of the house (it may be a virtual one), ticking slowly; figures on screen are read against it. */
import { onScopeDispose, ref, type Ref } from 'vue'

let offset = 0
const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined
const EVERY = 10_000

export function setHouseTime(iso: string): void {
  const at = Date.parse(iso)
  if (!Number.isNaN(at)) {
    offset = at - Date.now()
    now.value = at
  }
}

export const houseNow = (): number => Date.now() + offset

export function useNow(): Readonly<Ref<number>> {
  now.value = houseNow()
  if (users++ === 0) timer = setInterval(() => (now.value = houseNow()), EVERY)
  onScopeDispose(() => {
    if (--users === 0) clearInterval(timer)
  })
  return now
}
