/** Short words at the edge of the screen after an act; a problem stays until it is read. */
import { shallowReactive } from 'vue'
import type { Tone } from './time'

export interface Toast {
  id: number
  tone: Tone
  text: string
  code?: string
}
const SHOWN_MS = 6000
let next = 0
export const toasts = shallowReactive<Toast[]>([])

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id)
  if (at >= 0) toasts.splice(at, 1)
}

export function say(text: string, tone: Tone = 'green', code?: string): void {
  const id = ++next
  toasts.push({ id, tone, text, code })
  if (tone !== 'red') setTimeout(() => dismiss(id), SHOWN_MS)
}
