/** Questions about events, each kept in the cache under a key that the live ticks know. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, sendForm, take } from '@/api'
import type { ActBody, EventOut } from './types'

/** The query values of the list; a saved view is a bundle of them. */
export interface EventFilter {
  view?: string
  q?: string
  state?: string[]
  status?: string[]
  channel?: string
  matter?: string[]
  org?: string
  division?: string
  flow?: string
  late?: string
  urgent?: boolean
  supervised?: boolean
  mine?: boolean
}

/** Only what was chosen goes into the question. */
export const chosen = <T extends object>(filter: T): Partial<T> =>
  Object.fromEntries(Object.entries(filter).filter(([, v]) => v !== undefined && v !== '' && v !== null && v !== false && !(Array.isArray(v) && !v.length))) as Partial<T>

const PAGE = 50

export function useInbox() {
  return useQuery({ queryKey: ['inbox'], queryFn: () => take(api.GET('/api/inbox', {})), placeholderData: keepPreviousData })
}

export function useEvents(filter: MaybeRefOrGetter<EventFilter>, enabled: () => boolean = () => true) {
  const wanted = computed(() => chosen(toValue(filter)))
  const query = useInfiniteQuery({
    queryKey: ['events', wanted],
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/events', { params: { query: { ...wanted.value, limit: PAGE, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  })
  const rows = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? [])
  const asOf = computed(() => query.data.value?.pages[0]?.as_of ?? null)
  return { query, rows, asOf }
}

export function useEvent(id: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: ['event', of],
    queryFn: () => take(api.GET('/api/events/{event_id}', { params: { path: { event_id: of.value } } })),
    enabled: () => Boolean(of.value),
  })
}

type Part = 'timeline' | 'reports' | 'evidence' | 'deadline' | 'access'

function usePart<T>(part: Part, id: MaybeRefOrGetter<string>, ask: (id: string) => Promise<T>) {
  const of = computed(() => toValue(id))
  return useQuery({ queryKey: ['event', of, part], queryFn: () => ask(of.value), enabled: () => Boolean(of.value) })
}
const at = (event_id: string) => ({ params: { path: { event_id } } })
export const useTimeline = (id: MaybeRefOrGetter<string>) =>
  usePart('timeline', id, (e) => take(api.GET('/api/events/{event_id}/timeline', at(e))))
export const useReports = (id: MaybeRefOrGetter<string>) =>
  usePart('reports', id, (e) => take(api.GET('/api/events/{event_id}/reports', at(e))))
export const useEvidence = (id: MaybeRefOrGetter<string>) =>
  usePart('evidence', id, (e) => take(api.GET('/api/events/{event_id}/evidence', at(e))))
export const useDeadline = (id: MaybeRefOrGetter<string>) =>
  usePart('deadline', id, (e) => take(api.GET('/api/events/{event_id}/deadline', at(e))))
export const useAccess = (id: MaybeRefOrGetter<string>) =>
  usePart('access', id, (e) => take(api.GET('/api/events/{event_id}/access', at(e))))

/** Puts a fresh event into the cache and makes its lists ask again. */
export function useAct() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, verb, body, key }: { id: string; verb: string; body: ActBody; key: string }) =>
      take(
        api.POST('/api/events/{event_id}/acts/{verb}', {
          params: { path: { event_id: id, verb } },
          body,
          headers: { 'Idempotency-Key': key },
        }),
      ),
    onSuccess: async (event: EventOut) => {
      cache.setQueryData(['event', event.id], event)
      await Promise.all([
        cache.invalidateQueries({ queryKey: ['event', event.id] }),
        cache.invalidateQueries({ queryKey: ['events'] }),
        cache.invalidateQueries({ queryKey: ['inbox'] }),
      ])
    },
  })
}

export interface SentFile {
  id: string
  name: string
  mime: string
  size: number
}

export function uploadFile(file: File): Promise<SentFile> {
  const form = new FormData()
  form.append('file', file, file.name)
  return sendForm<SentFile>('/api/files', form)
}

export const fileUrl = (id: string): string => `/api/files/${encodeURIComponent(id)}`
