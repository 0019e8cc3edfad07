/** The matter catalogue: trees of classes, their filing conditions, each with its own limit. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type MatterClass = Schemas['ClassWhole']
export type ClassRow = Schemas['ClassOut']
export type Condition = Schemas['ConditionOut']

export const useTrees = () => useQuery({ queryKey: ['matter', 'trees'], queryFn: async () => (await take(api.GET('/api/matter/trees', {}))).items })

export function useClasses(filter: MaybeRefOrGetter<{ tree?: string; parent?: string; q?: string }>) {
  const wanted = computed(() => toValue(filter))
  return useQuery({
    queryKey: ['matter', 'classes', wanted],
    queryFn: async () => (await take(api.GET('/api/matter/classes', { params: { query: wanted.value } }))).items,
    enabled: () => Boolean(wanted.value.tree || wanted.value.q),
  })
}

export function useClass(id: MaybeRefOrGetter<string | null | undefined>) {
  const of = computed(() => toValue(id) ?? '')
  return useQuery({
    queryKey: ['matter', 'class', of],
    queryFn: () => take(api.GET('/api/matter/classes/{class_id}', { params: { path: { class_id: of.value } } })),
    enabled: () => Boolean(of.value),
  })
}

export async function searchClasses(q: string, tree?: string): Promise<ClassRow[]> {
  return (await take(api.GET('/api/matter/classes', { params: { query: { q, tree } } }))).items
}
