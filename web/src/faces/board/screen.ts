/** What this screen keeps for itself: its key and its theme. */
import type { Theme } from '@/tokens'

const KEY = 'gangmu.board.key'
const THEME = 'gangmu.board.theme'

export const keptKey = (): string => localStorage.getItem(KEY) ?? ''
export const keepKey = (key: string): void => (key ? localStorage.setItem(KEY, key) : localStorage.removeItem(KEY))

/** A key that came behind the # of the address (which no server is ever sent) is kept, and taken off the address. */
export function takeKey(): void {
  const said = /^#key=([\w.-]+)$/.exec(location.hash)
  if (!said) return
  keepKey(said[1])
  history.replaceState(null, '', location.pathname + location.search)
}

export function wantedTheme(): Theme {
  const said = new URLSearchParams(location.search).get('theme')
  const kept = said ?? localStorage.getItem(THEME)
  return kept === 'light' ? 'light' : 'dark'
}
export const keepTheme = (theme: Theme): void => localStorage.setItem(THEME, theme)
