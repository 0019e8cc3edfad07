/** The keyboard of the desk: single keys and two-key sequences, the newest screen first, silent while one types. */
import { onBeforeUnmount, onMounted, shallowRef } from 'vue'

export interface Binding {
  /** 'j', '/', 'Escape', 'mod+Enter', or a sequence 'g i'. */
  keys: string
  /** Key of the words that the help shows; without it the binding is not listed. */
  label?: string
  group?: string
  run: (event: KeyboardEvent) => void
  /** Also while typing in a field. */
  typing?: boolean
  /** Also while a dialog is open. */
  modal?: boolean
  when?: () => boolean
}

const SEQUENCE_MS = 1200

export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : ''
  return (event.altKey ? 'alt+' : '') + mod + (event.key === '?' ? '?' : key)
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  const tag = target.tagName
  if (tag === 'INPUT') {
    const type = (target as HTMLInputElement).type
    return !['checkbox', 'radio', 'button', 'submit', 'range', 'file'].includes(type)
  }
  return tag === 'TEXTAREA' || tag === 'SELECT'
}

export class KeyMap {
  private layers: Binding[][] = []
  private pending = ''
  private pendingAt = 0
  readonly listed = shallowRef<Binding[]>([])
  private taken: ((keys: string) => void)[] = []

  /** Be told of every binding that took its key. */
  onTaken(call: (keys: string) => void): () => void {
    this.taken.push(call)
    return () => (this.taken = this.taken.filter((one) => one !== call))
  }

  add(layer: Binding[]): () => void {
    this.layers.push(layer)
    this.list()
    return () => {
      this.layers = this.layers.filter((one) => one !== layer)
      this.list()
    }
  }

  /** True when a binding took the key. */
  handle(event: KeyboardEvent, context: { typing: boolean; modal: boolean; at: number }): boolean {
    if (event.isComposing) return false
    const name = keyName(event)
    const sequence = this.pending && context.at - this.pendingAt < SEQUENCE_MS ? `${this.pending} ${name}` : ''
    this.pending = ''
    const fits = (b: Binding) =>
      (!context.typing || b.typing) && (!context.modal || b.modal) && (!b.when || b.when())
    for (const wanted of sequence ? [sequence, name] : [name]) {
      for (let i = this.layers.length - 1; i >= 0; i--) {
        const hit = this.layers[i].find((b) => b.keys === wanted && fits(b))
        if (hit) {
          event.preventDefault()
          hit.run(event)
          this.taken.forEach((call) => call(hit.keys))
          return true
        }
      }
      const opens = this.layers.some((layer) => layer.some((b) => b.keys.startsWith(`${wanted} `) && fits(b)))
      if (opens) {
        this.pending = wanted
        this.pendingAt = context.at
        event.preventDefault()
        return true
      }
    }
    return false
  }

  private list(): void {
    this.listed.value = this.layers.flat().filter((b) => b.label)
  }
}

export const keymap = new KeyMap()

export function listenKeys(): () => void {
  const on = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return
    const modal = document.querySelector('dialog[open]') !== null
    keymap.handle(event, { typing: isTyping(event.target), modal, at: event.timeStamp || Date.now() })
  }
  window.addEventListener('keydown', on)
  return () => window.removeEventListener('keydown', on)
}

/** Binds keys for as long as the component is on the page. */
export function useKeys(layer: Binding[]): void {
  let remove = () => undefined as void
  onMounted(() => (remove = keymap.add(layer)))
  onBeforeUnmount(() => remove())
}
