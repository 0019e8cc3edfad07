/** A refusal of the house, as problem+json carries it: a stable code, a sentence, and what it is about. */
export interface ProblemBody {
  code: string
  title?: string
  detail?: string
  status?: number
  params?: Record<string, unknown>
}

export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly params: Record<string, unknown>

  constructor(status: number, body: ProblemBody) {
    super(body.title || body.detail || body.code)
    this.code = body.code
    this.status = status
    this.params = body.params ?? {}
  }

  get refused(): boolean {
    return this.status === 403
  }

  get stale(): boolean {
    return this.code === 'stale_write' || this.code === 'event.moved_on'
  }

  /** The field this is about, if it is about one. */
  get field(): string | null {
    return typeof this.params.field === 'string' ? this.params.field : null
  }
}

/** The network or the house is not there at all. */
export const UNREACHABLE = 'unreachable'

export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text()
  try {
    const body = JSON.parse(text) as ProblemBody
    return new Problem(response.status, { ...body, code: body.code || `http_${response.status}` })
  } catch {
    return new Problem(response.status, { code: `http_${response.status}`, title: text.slice(0, 200) })
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, { code: UNREACHABLE, title: error instanceof Error ? error.message : String(error) })
}
