/** Parts of the event page beyond the first ones: every `*.panel.ts` of this folder is one, found by the build. Its
 *  component gets the event; its title is `ID.panel` of `locale/ID.*.json`. */
import type { Component } from 'vue'
import type { EventOut } from '../types'

export interface Panel {
  id: string
  /** Permissions of which one is enough; empty: everybody who sees the event. */
  can: string[]
  order: number
  /** Whether the event has such a part at all. */
  shown?: (event: EventOut) => boolean
  load: () => Promise<{ default: Component }>
}

const found = import.meta.glob<{ panel: Panel }>('./*.panel.ts', { eager: true })
export const panels: Panel[] = Object.values(found).map((one) => one.panel).sort((a, b) => a.order - b.order)
