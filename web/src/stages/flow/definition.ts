/** A definition as it is written: plain data, its places, and the way back through its changes. */
export interface Words { zh: string; en: string }
export type Param = string | number | string[]
export interface GuardDef { name: string; when_to?: string[]; [param: string]: Param | undefined }
export interface OutcomeDef { id: string; title: Words; answer?: Words }
export interface StageDef { id: string; title: Words; limit?: string; source?: string; verified?: boolean; window?: boolean }
export interface StateDef { id: string; title: Words; kind?: string; status?: string; holder?: string; holder_of?: string; clocks?: string[]; pauses?: boolean }
export interface VerbDef {
  id: string; title: Words; from: string[]; except?: string[]; to: string; kind?: string; can: string; roles: string[]; duty?: string
  requires?: string[]; takes?: string[]; guards?: GuardDef[]; effects?: string[]; choices?: string[]; outcomes?: OutcomeDef[]
}
export interface Definition { id: string; title: Words; start: string; roles: string[]; stage: StageDef[]; state: StateDef[]; verb: VerbDef[]; source?: string; note?: Words }
export type Part = 'stage' | 'state' | 'verb'
export interface Place { part: Part | 'flow'; id: string; field: string }

/** Where a finding points: `verb[close].not_doer` is the guard of a verb, `state[x].title` a field, `roles` the flow's. */
export function placeOf(at: string): Place {
  const found = /^(stage|state|verb)\[([^\]]*)\](?:\.(.+))?$/.exec(at)
  return found ? { part: found[1] as Part, id: found[2], field: found[3] ?? '' } : { part: 'flow', id: '', field: at }
}

/** A new stage, state or verb with an id that is not taken. */
export function blankOf(definition: Definition, part: Part): StageDef | StateDef | VerbDef {
  const taken = new Set((definition[part] as { id: string }[]).map((one) => one.id))
  let n = 1
  while (taken.has(`${part}_${n}`)) n++
  const title = { zh: '', en: '' }
  const id = `${part}_${n}`
  if (part === 'stage') return { id, title, limit: '' }
  if (part === 'state') return { id, title, holder: definition.roles[0] ?? '', clocks: [] }
  return { id, title, from: [], to: definition.start, can: '', roles: [], requires: [], guards: [], effects: [] }
}

/** Gives a stage, state or verb another id, wherever it is named. */
export function renameIn(definition: Definition, part: Part, from: string, to: string): void {
  const swap = (list?: string[]) => list?.forEach((one, i) => { if (one === from) list[i] = to })
  for (const row of definition[part] as { id: string }[]) if (row.id === from) row.id = to
  if (part === 'stage') definition.state.forEach((state) => swap(state.clocks))
  if (part === 'state') {
    if (definition.start === from) definition.start = to
    for (const verb of definition.verb) {
      if (verb.to === from) verb.to = to
      for (const list of [verb.from, verb.except, verb.choices]) swap(list)
    }
  }
  for (const verb of definition.verb) {
    for (const guard of verb.guards ?? []) {
      if (part === 'state') swap(guard.when_to)
      for (const [name, value] of Object.entries(guard)) {
        if (name === 'name' || name === 'when_to') continue
        if (value === from) guard[name] = to
        else if (Array.isArray(value)) swap(value)
      }
    }
  }
}

/** What was written, step by step; steps that follow each other quickly at one place are one. */
export class History {
  private steps: { text: string; place: string; at: number }[] = []
  private here = 0
  constructor(start: Definition, private readonly together = 900, private readonly most = 200) {
    this.steps = [{ text: JSON.stringify(start), place: '', at: 0 }]
  }
  put(now: Definition, place: string, at: number): void {
    const text = JSON.stringify(now)
    if (text === this.steps[this.here].text) return
    const last = this.steps[this.here]
    const joins = this.here > 0 && this.here === this.steps.length - 1 && last.place === place && at - last.at < this.together
    this.steps = this.steps.slice(0, joins ? this.here : this.here + 1)
    this.steps.push({ text, place, at })
    if (this.steps.length > this.most) this.steps.shift()
    this.here = this.steps.length - 1
  }
  get canUndo(): boolean { return this.here > 0 }
  get canRedo(): boolean { return this.here < this.steps.length - 1 }
  undo(): Definition { return this.go(this.here - 1) }
  redo(): Definition { return this.go(this.here + 1) }
  private go(to: number): Definition {
    this.here = Math.max(0, Math.min(this.steps.length - 1, to))
    return JSON.parse(this.steps[this.here].text) as Definition
  }
}
