/** Components: what stands in the street and belongs to somebody. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type Component = Schemas['ComponentOut']
export type ComponentKind = Schemas['ComponentKindOut']
export type ComponentState = Component['state']
export const STATES: ComponentState[] = ['good', 'damaged', 'lost', 'abandoned', 'moved']
export interface Filter { q?: string; kind?: string; state?: ComponentState; void?: boolean }

export const useKinds = () => useQuery({ queryKey: ['components', 'classes'], queryFn: async () => (await take(api.GET('/api/components/classes', {}))).items, staleTime: 600_000 })

export function useComponents(filter: MaybeRefOrGetter<Filter>) {
  const wanted = computed(() => toValue(filter))
  return useInfiniteQuery({
    queryKey: ['components', 'list', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/components', { params: { query: { ...wanted.value, limit: 100, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useComponent(id: MaybeRefOrGetter<string | null>) {
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: ['components', 'one', of],
    queryFn: () => take(api.GET('/api/components/{component_id}', { params: { path: { component_id: of.value! } } })),
    enabled: () => of.value !== null,
  })
}

export function useEditions(id: MaybeRefOrGetter<string | null>) {
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: ['components', 'editions', of],
    queryFn: async () => (await take(api.GET('/api/components/{component_id}/editions', { params: { path: { component_id: of.value! } } }))).items,
    enabled: () => of.value !== null,
  })
}

export function useEventsOf(id: MaybeRefOrGetter<string | null>) {
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: ['components', 'events', of],
    queryFn: async () => (await take(api.GET('/api/components/{component_id}/events', { params: { path: { component_id: of.value! } } }))).items,
    enabled: () => of.value !== null,
  })
}

/** What the map shows of a part of the city: components, or counted squares. */
export function useComponentMap(bbox: MaybeRefOrGetter<string>, zoom: MaybeRefOrGetter<number>, filter: MaybeRefOrGetter<Filter>) {
  const box = computed(() => toValue(bbox))
  const near = computed(() => Math.round(toValue(zoom)))
  const wanted = computed(() => { const f = toValue(filter); return { q: f.q, kind: f.kind, state: f.state } })
  return useQuery({
    queryKey: ['components', 'map', box, near, wanted],
    queryFn: () => take(api.GET('/api/components/map', { params: { query: { bbox: box.value, zoom: near.value, ...wanted.value } } })),
    enabled: () => box.value !== '',
    placeholderData: keepPreviousData,
  })
}
