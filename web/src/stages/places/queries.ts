/** Where: divisions, the city's own layers, addresses, and what lies at a point. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type PlaceAt = Schemas['PlaceOut']
export type Address = Schemas['AddressOut']

const LONG = 30 * 60_000

type LayerKind = Schemas['LayerKind']

export function useLayer(kind: MaybeRefOrGetter<LayerKind>, enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: ['layer', computed(() => toValue(kind))],
    queryFn: async (): Promise<object> => await take(api.GET('/api/layers/{kind}.geojson', { params: { path: { kind: toValue(kind) } } })),
    staleTime: LONG,
    enabled,
  })
}

/** Finer areas of what is on the screen, asked again when one moves to another part of the city. */
export function useLayerPart(kind: MaybeRefOrGetter<LayerKind | null>, bbox: MaybeRefOrGetter<string>, zoom: MaybeRefOrGetter<number>) {
  const of = computed(() => toValue(kind))
  const box = computed(() => toValue(bbox))
  return useQuery({
    queryKey: ['layer', of, box],
    queryFn: async (): Promise<object> =>
      await take(api.GET('/api/layers/{kind}.geojson', { params: { path: { kind: of.value! }, query: { bbox: box.value, zoom: toValue(zoom) } } })),
    staleTime: LONG,
    enabled: () => of.value !== null && box.value !== '',
    placeholderData: keepPreviousData,
  })
}

export const useLayers = () => useQuery({ queryKey: ['layers'], queryFn: () => take(api.GET('/api/layers', {})), staleTime: LONG })

export function usePlaceAt(point: MaybeRefOrGetter<{ lon: number; lat: number } | null>) {
  const at = computed(() => toValue(point))
  return useQuery({
    queryKey: ['place', at],
    queryFn: () => take(api.GET('/api/places/at', { params: { query: { lon: at.value!.lon, lat: at.value!.lat } } })),
    enabled: () => at.value !== null,
    staleTime: LONG,
  })
}

export async function searchAddresses(q: string): Promise<Address[]> {
  if (!q) return []
  return (await take(api.GET('/api/addresses', { params: { query: { q } } }))).items
}
