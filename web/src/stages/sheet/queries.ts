/** The kinds of spreadsheets that one may use, files handed in, and imports followed to their end. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { api, sendForm, take, type Answer } from '@/api'
import { save } from './save'

export type SheetKind = Answer<'/api/sheets'>['items'][number]
export type SheetImport = Answer<'/api/sheets/imports'>['items'][number]
export type SheetRowError = Answer<'/api/sheets/imports/{import_id}/errors'>['items'][number]
export interface SheetPreview {
  sheet_import: SheetImport
  errors: SheetRowError[]
  rows: { row: number; outcome: string; cells: Record<string, string> }[]
}

export function useKinds() {
  return useQuery({ queryKey: ['sheets', 'kinds'], queryFn: async () => (await take(api.GET('/api/sheets', {}))).items, staleTime: 60_000 })
}

/** An import, asked again every second while it runs. */
export function useSheetImport(id: MaybeRefOrGetter<string | null>) {
  const wanted = computed(() => toValue(id) ?? '')
  return useQuery({
    queryKey: ['sheets', 'import', wanted],
    queryFn: () => take(api.GET('/api/sheets/imports/{import_id}', { params: { path: { import_id: wanted.value } } })),
    enabled: () => Boolean(wanted.value),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 1000 : false),
  })
}

export function useSheetErrors(id: MaybeRefOrGetter<string>) {
  const wanted = computed(() => toValue(id))
  return useInfiniteQuery({
    queryKey: ['sheets', 'errors', wanted],
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/sheets/imports/{import_id}/errors', { params: { path: { import_id: wanted.value }, query: { limit: 100, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
}

export function useSheetImports() {
  return useInfiniteQuery({
    queryKey: ['sheets', 'imports'],
    queryFn: ({ pageParam }) => take(api.GET('/api/sheets/imports', { params: { query: { limit: 30, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
}

export function previewSheet(kind: string, file: File): Promise<SheetPreview> {
  const form = new FormData()
  form.append('file', file, file.name)
  return sendForm<SheetPreview>(`/api/sheets/${kind}/preview`, form)
}

export const startSheet = (import_id: string) => take(api.POST('/api/sheets/imports/{import_id}/start', { params: { path: { import_id } } }))
export const cancelSheet = (import_id: string) => take(api.POST('/api/sheets/imports/{import_id}/cancel', { params: { path: { import_id } } }))

/** What is given out once: it is gone from the house when it has been fetched. */
export async function fetchHandout(import_id: string): Promise<void> {
  const { data } = await api.POST('/api/sheets/imports/{import_id}/handout', { params: { path: { import_id } }, parseAs: 'blob' })
  save(data as unknown as Blob, 'handout.xlsx')
}
