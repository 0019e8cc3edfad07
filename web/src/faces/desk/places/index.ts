/** Places of the desk beyond the first ones: every `*.place.ts` of this folder is one, found by the build. Its words are
 *  `NAME.place` (in the rail) and `NAME.go` (in the keyboard help) of `locale/NAME.*.json`. */
import type { Component } from 'vue'

export interface Place {
  name: string
  /** With parameters and all, as the router wants it. */
  path: string
  icon: string
  /** The letter after `g`. */
  key: string
  /** Permissions of which one is enough; empty: everybody. */
  can: string[]
  /** Where in the rail: 10 apart, the first ones are inbox 10, call 20, alarms 30, tasks 40, disputes 50, search 90, admin 100. */
  order: number
  /** Who may see it begins here after signing in, the lowest number first; without one nobody does. */
  landing?: number
  load: () => Promise<{ default: Component }>
}

const found = import.meta.glob<{ place: Place }>('./*.place.ts', { eager: true })
export const places: Place[] = Object.values(found).map((one) => one.place).sort((a, b) => a.order - b.order)
