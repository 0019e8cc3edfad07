import { bearerHeader } from './client'

/** The live stream: parses server-sent events and keeps the place from which to resume.
 *  Own reader over fetch, because EventSource can neither be given Last-Event-ID on a new start nor say why it failed. */
export interface Tick {
  topic: string
  about: string
  division?: string
  kind?: string
  at?: string
}

export interface StreamEvent {
  id: string
  event: string
  data: string
}

/** Takes text as it comes and gives back whole events; keeps the rest for the next piece. */
export class StreamParser {
  private rest = ''
  private id = ''

  feed(piece: string): StreamEvent[] {
    this.rest = (this.rest + piece).replace(/\r\n?/g, '\n')
    const blocks = this.rest.split('\n\n')
    this.rest = blocks.pop() ?? ''
    const out: StreamEvent[] = []
    for (const block of blocks) {
      let event = 'message'
      const data: string[] = []
      for (const line of block.split('\n')) {
        const at = line.indexOf(':')
        if (at === 0) continue
        const field = at < 0 ? line : line.slice(0, at)
        const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
        if (field === 'id') this.id = value
        else if (field === 'event') event = value
        else if (field === 'data') data.push(value)
      }
      if (data.length || event !== 'message') out.push({ id: this.id, event, data: data.join('\n') })
    }
    return out
  }
}

export type LiveStatus = 'connecting' | 'live' | 'reconnecting' | 'stale'

export interface LiveState {
  status: LiveStatus
  /** The last sequence seen; sent back as Last-Event-ID. */
  seq: string
  /** When the stream last spoke, in milliseconds of this machine. */
  heardAt: number
  failures: number
}

export type LiveFact =
  | { kind: 'open'; at: number }
  | { kind: 'heard'; at: number; id?: string }
  | { kind: 'lost'; at: number }
  | { kind: 'reset'; at: number; id?: string }

export const STALE_AFTER = 30_000

export const startState = (at: number): LiveState => ({ status: 'connecting', seq: '', heardAt: at, failures: 0 })

/** The state after a fact. A sequence that was already seen never moves the place back. */
export function reduceLive(state: LiveState, fact: LiveFact): LiveState {
  switch (fact.kind) {
    case 'open':
      return { ...state, status: 'live', heardAt: fact.at, failures: 0 }
    case 'heard':
      return { ...state, status: 'live', heardAt: fact.at, failures: 0, seq: later(state.seq, fact.id) }
    case 'reset':
      return { ...state, status: 'live', heardAt: fact.at, seq: fact.id ?? '' }
    case 'lost':
      return {
        ...state,
        failures: state.failures + 1,
        status: fact.at - state.heardAt > STALE_AFTER ? 'stale' : 'reconnecting',
      }
  }
}

function later(seen: string, next: string | undefined): string {
  if (!next) return seen
  if (/^\d+$/.test(seen) && /^\d+$/.test(next)) return BigInt(next) > BigInt(seen) ? next : seen
  return next
}

/** Half a second, doubling to half a minute. */
export const retryDelay = (failures: number): number => Math.min(30_000, 500 * 2 ** Math.min(failures, 6))

export interface LiveHandlers {
  tick(tick: Tick): void
  /** The place was lost (too old, or the server began anew): everything on screen must be asked again. */
  resync(): void
  state(state: LiveState): void
  signedOut(): void
}

/** Opens the stream and keeps it open until the returned function is called. */
export function openLive(url: string, handlers: LiveHandlers): () => void {
  let state = startState(Date.now())
  let stopped = false
  let abort = new AbortController()
  const move = (fact: LiveFact) => {
    state = reduceLive(state, fact)
    handlers.state(state)
  }

  function take(event: StreamEvent) {
    if (event.event === 'reload') {
      move({ kind: 'reset', at: Date.now(), id: event.id })
      handlers.resync()
      return
    }
    const seen = state.seq
    move({ kind: 'heard', at: Date.now(), id: event.id })
    if (event.event !== 'tick' || (event.id && event.id === seen)) return
    try {
      handlers.tick(JSON.parse(event.data) as Tick)
    } catch {
      handlers.resync()
    }
  }

  async function once(): Promise<void> {
    abort = new AbortController()
    const headers: Record<string, string> = { Accept: 'text/event-stream', ...bearerHeader() }
    if (state.seq) headers['Last-Event-ID'] = state.seq
    const response = await fetch(url, { headers, signal: abort.signal, credentials: 'same-origin', cache: 'no-store' })
    if (response.status === 401) {
      stopped = true
      handlers.signedOut()
      return
    }
    if (!response.ok || !response.body) throw new Error(`live ${response.status}`)
    const again = state.failures > 0
    move({ kind: 'open', at: Date.now() })
    if (again && !state.seq) handlers.resync()
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    const parser = new StreamParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const text = decoder.decode(value, { stream: true })
      const events = parser.feed(text)
      if (!events.length) move({ kind: 'heard', at: Date.now() })
      events.forEach(take)
    }
  }

  async function run() {
    while (!stopped) {
      try {
        await once()
      } catch {
        if (stopped) return
      }
      if (stopped) return
      move({ kind: 'lost', at: Date.now() })
      await new Promise((done) => setTimeout(done, retryDelay(state.failures)))
    }
  }

  void run()
  return () => {
    stopped = true
    abort.abort()
  }
}
