/** Tokens for places that draw on a canvas: the map asks here, so that a theme change reaches it too. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--g-${name}`).trim()
}

/** A length token as a number of pixels; one that grows with the screen is measured. */
export function length(name: string): number {
  const said = token(name)
  const plain = Number(said.replace(/px$/, ''))
  if (!Number.isNaN(plain)) return plain
  const probe = document.createElement('i')
  probe.style.cssText = `position:absolute;visibility:hidden;width:var(--g-${name})`
  document.body.append(probe)
  const found = probe.getBoundingClientRect().width
  probe.remove()
  return found
}

export type Theme = 'light' | 'dark'

export function currentTheme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
}

export function useTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  document.documentElement.classList.toggle('dark', theme === 'dark')
}

export const LETTERS = ['usual', 'big', 'biggest'] as const
export type Letters = (typeof LETTERS)[number]

export function useLetters(size: Letters): void {
  document.documentElement.dataset.letters = size
  localStorage.setItem('gangmu.letters', size)
}

export const currentLetters = (): Letters => LETTERS.find((one) => one === localStorage.getItem('gangmu.letters')) ?? 'usual'
