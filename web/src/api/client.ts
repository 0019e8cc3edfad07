/** The one way to the house: typed calls, the CSRF token, an Idempotency-Key on every change, problems as errors. */
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import { randomKey } from './ids'
import { asProblem, problemOf } from './problem'

let csrf = ''
let signedOut: () => void = () => undefined
let language = 'zh-CN'
let done: ((what: string) => void)[] = []
let bearer = ''

export const setCsrf = (token: string): void => void (csrf = token)
/** A screen that nobody sits at signs in by a token of its own. */
export const setBearer = (token: string): void => void (bearer = token)
export const bearerHeader = (): Record<string, string> => (bearer ? { Authorization: `Bearer ${bearer}` } : {})
export const setLanguage = (lang: string): void => void (language = lang)
export const onSignedOut = (then: () => void): void => void (signedOut = then)

/** Be told of every change that the house has taken, as `POST /api/…`. */
export function onDone(call: (what: string) => void): () => void {
  done.push(call)
  return () => (done = done.filter((one) => one !== call))
}

function dress(request: { method: string; headers: Headers }): void {
  request.headers.set('Accept-Language', language)
  if (bearer) request.headers.set('Authorization', `Bearer ${bearer}`)
  if (request.method === 'GET') return
  if (csrf) request.headers.set('X-CSRF-Token', csrf)
  if (!request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', randomKey())
}

const house: Middleware = {
  onRequest({ request }) {
    dress(request)
    return request
  },
  async onResponse({ response, request }) {
    if (response.ok) {
      if (request.method !== 'GET') done.forEach((call) => call(`${request.method} ${new URL(request.url).pathname}`))
      return undefined
    }
    if (response.status === 401 && !request.url.endsWith('/api/session')) signedOut()
    throw await problemOf(response)
  },
  onError({ error }) {
    return asProblem(error)
  },
}

export const api = createClient<paths>({ credentials: 'same-origin' })
api.use(house)

/** The answer of a call; a problem has been thrown already. */
export async function take<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call
  return data as NonNullable<T>
}

/** Asks with a body something that is answered and not kept (a check while one types): without an Idempotency-Key, so
 *  that no answer is stored. */
export async function ask<T>(url: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = new Headers({ 'Content-Type': 'application/json', 'Accept-Language': language })
  if (csrf) headers.set('X-CSRF-Token', csrf)
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers, credentials: 'same-origin', signal })
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as T
}

/** Sends files as a form: what the JSON client cannot. */
export async function sendForm<T>(url: string, form: FormData): Promise<T> {
  const headers = new Headers()
  dress({ method: 'POST', headers })
  let response: Response
  try {
    response = await fetch(url, { method: 'POST', body: form, headers, credentials: 'same-origin' })
  } catch (error) {
    throw asProblem(error)
  }
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as T
}
