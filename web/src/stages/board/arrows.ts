/** Arrows walk from figure to figure as they lie on the screen. */
const SIDEWAYS = 2.5

type Way = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown'

/** The next figure in a direction: near in that direction, and not far off it. Pure: boxes in, place in the list out. */
export function nextIn(way: Way, from: DOMRect, boxes: DOMRect[]): number {
  const flat = way === 'ArrowLeft' || way === 'ArrowRight'
  const sign = way === 'ArrowLeft' || way === 'ArrowUp' ? -1 : 1
  const middle = (box: DOMRect) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 })
  const here = middle(from)
  let best = -1
  let least = Infinity
  boxes.forEach((box, n) => {
    const there = middle(box)
    const along = sign * (flat ? there.x - here.x : there.y - here.y)
    const aside = Math.abs(flat ? there.y - here.y : there.x - here.x)
    if (along <= 1) return
    const far = along + SIDEWAYS * aside
    if (far < least) [least, best] = [far, n]
  })
  return best
}

/** What lies on top: the wall, or the sheet that was opened last. */
const top = (): ParentNode => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document
/** Arrows walk where there are figures; elsewhere they scroll. */
export const mayMove = (): boolean => top().querySelector('[data-figure]') !== null

export function moveFocus(way: Way): void {
  const all = [...top().querySelectorAll<HTMLElement>('[data-figure]')].filter((one) => one.offsetParent !== null)
  const now = document.activeElement
  if (!(now instanceof HTMLElement) || !now.dataset.figure) return all[0]?.focus()
  const others = all.filter((one) => one !== now)
  const at = nextIn(way, now.getBoundingClientRect(), others.map((one) => one.getBoundingClientRect()))
  if (at >= 0) others[at].focus()
}
