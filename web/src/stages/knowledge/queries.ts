/** The knowledge base: what callers are told, found while one types. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, take, type Answer, type components } from '@/api'

export type Entry = Answer<'/api/knowledge/{entry_id}'>
export type Correction = Answer<'/api/knowledge/corrections'>['items'][number]
export type Gap = Answer<'/api/knowledge/gaps'>['items'][number]
export type EntryView = 'in_force' | 'mine' | 'draft' | 'expiring' | 'expired' | 'ended'
export type Content = components['schemas']['KnowledgeContent']

const LEAST = 2

export function useFound(ask: MaybeRefOrGetter<{ q: string; division?: string | null; tree?: string; code?: string }>) {
  const wanted = computed(() => {
    const { q, division, tree, code } = toValue(ask)
    return { q: q.trim().slice(0, 200), division: division ?? undefined, tree: tree || undefined, code: code || undefined }
  })
  return useQuery({
    queryKey: ['knowledge', 'found', wanted],
    queryFn: async () => (await take(api.GET('/api/knowledge/search', { params: { query: wanted.value } }))).items,
    enabled: () => wanted.value.q.length >= LEAST,
    placeholderData: keepPreviousData,
  })
}

export function useEntries(view: MaybeRefOrGetter<EntryView>) {
  const wanted = computed(() => toValue(view))
  return useInfiniteQuery({
    queryKey: ['knowledge', 'list', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/knowledge', { params: { query: { view: wanted.value, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useEntry(id: MaybeRefOrGetter<string>) {
  const wanted = computed(() => toValue(id))
  return useQuery({
    queryKey: ['knowledge', 'one', wanted],
    queryFn: () => take(api.GET('/api/knowledge/{entry_id}', { params: { path: { entry_id: wanted.value } } })),
    enabled: () => Boolean(wanted.value),
  })
}

export function useEditions(id: MaybeRefOrGetter<string>, asked: MaybeRefOrGetter<boolean>) {
  const wanted = computed(() => toValue(id))
  return useQuery({
    queryKey: ['knowledge', 'editions', wanted],
    queryFn: async () => (await take(api.GET('/api/knowledge/{entry_id}/editions', { params: { path: { entry_id: wanted.value } } }))).items,
    enabled: () => Boolean(wanted.value) && toValue(asked),
  })
}

export function useCorrections(all: MaybeRefOrGetter<boolean>, asked: MaybeRefOrGetter<boolean>) {
  const state = computed(() => (toValue(all) ? 'all' : 'open') as 'all' | 'open')
  return useQuery({
    queryKey: ['knowledge', 'corrections', state],
    queryFn: async () => (await take(api.GET('/api/knowledge/corrections', { params: { query: { state: state.value } } }))).items,
    enabled: () => toValue(asked),
  })
}

export function useGaps(asked: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['knowledge', 'gaps'],
    queryFn: async () => (await take(api.GET('/api/knowledge/gaps', { params: { query: {} } }))).items,
    enabled: () => toValue(asked),
  })
}
