/** Evaluation: tables, trends, what a figure counted, published periods, rates and scores. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask, take, type components } from '@/api'

type Schemas = components['schemas']
export type Figure = Schemas['FigureOut']
export type Line = Schemas['LineOut']
export type Rate = Schemas['EvaluationRateOut']
export type Score = Schemas['ScoreOut']
export type Table = Schemas['TableOut']
export type Counted = Schemas['CountedOut']
export type Publication = Schemas['PublicationOut']
export type Point = Schemas['PointOut']
export type Scope = 'area' | 'department' | 'post'
export type Level = 'city' | 'county' | 'town' | 'community' | 'grid'
export type Part = 'numerator' | 'denominator' | 'excluded'

/** A table as somebody asks for it; without ``edition`` and ``publication``: as published, else as it stands. */
export interface Asked {
  period: string
  scope: Scope
  level: Level
  score: string
  group: string
  live: boolean
  edition: number | null
  publication: string
}

const KEY = 'evaluate'
const queryOf = (asked: Asked) => ({
  period: asked.period,
  scope: asked.scope,
  level: asked.level,
  live: asked.live,
  ...(asked.score ? { score: asked.score } : {}),
  ...(asked.group ? { group: asked.group } : {}),
  ...(asked.publication ? { publication: asked.publication } : {}),
  ...(asked.edition ? { edition: asked.edition } : {}),
})

export function useTable(asked: MaybeRefOrGetter<Asked>) {
  const of = computed(() => toValue(asked))
  return useQuery({
    queryKey: [KEY, 'table', of],
    queryFn: () => take(api.GET('/api/evaluate/table', { params: { query: queryOf(of.value) } })),
    placeholderData: keepPreviousData,
  })
}

/** The address of a table with all its rates, or of a briefing, as a file. */
export const fileOf = (what: 'table.xlsx' | 'briefing.docx' | 'briefing.pdf', asked: Asked): string =>
  `/api/evaluate/${what}?${new URLSearchParams(Object.entries(queryOf({ ...asked, group: '' })).map(([name, value]) => [name, String(value)]))}`

export function useTrend(asked: MaybeRefOrGetter<Asked>, rate: MaybeRefOrGetter<string>, many: number) {
  const of = computed(() => ({ ...toValue(asked), score: '', group: '' }))
  const chosen = computed(() => toValue(rate))
  return useQuery({
    queryKey: [KEY, 'trend', of, chosen, many],
    queryFn: () => take(api.GET('/api/evaluate/trend', { params: { query: { ...queryOf(of.value), rates: chosen.value, many } } })),
    enabled: () => chosen.value !== '',
    placeholderData: keepPreviousData,
  })
}

/** What a figure counted: of one line (``key``) or of all. */
export function useCounted(asked: MaybeRefOrGetter<Asked>, of: MaybeRefOrGetter<{ rate: string; key: string; part: Part }>) {
  const wanted = computed(() => ({ ...queryOf(toValue(asked)), ...toValue(of) }))
  return useInfiniteQuery({
    queryKey: [KEY, 'counted', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/evaluate/counted', { params: { query: { ...wanted.value, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
}

export function useExclusions(asked: MaybeRefOrGetter<Asked>) {
  const wanted = computed(() => queryOf(toValue(asked)))
  return useInfiniteQuery({
    queryKey: [KEY, 'exclusions', wanted],
    queryFn: ({ pageParam }) => take(api.GET('/api/evaluate/exclusions', { params: { query: { ...wanted.value, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
}

export const usePeriods = () =>
  useQuery({ queryKey: [KEY, 'periods'], queryFn: async () => (await take(api.GET('/api/evaluate/periods', {}))).items })

export function useDifferences(id: MaybeRefOrGetter<string | null>) {
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: [KEY, 'differences', of],
    queryFn: () => take(api.GET('/api/evaluate/periods/{period_id}/differences', { params: { path: { period_id: of.value! } } })),
    enabled: () => of.value !== null,
  })
}

export function useRules(period: MaybeRefOrGetter<string>) {
  const of = computed(() => toValue(period))
  return useQuery({
    queryKey: [KEY, 'rules', of],
    queryFn: () => take(api.GET('/api/evaluate/rules', { params: { query: { period: of.value } } })),
    placeholderData: keepPreviousData,
  })
}

export const useEditions = () =>
  useQuery({ queryKey: [KEY, 'editions'], queryFn: async () => (await take(api.GET('/api/evaluate/rules/editions', {}))).items })

/** Whether a definition holds, while one writes. */
export const checkRule = (kind: 'rate' | 'score', definition: Record<string, unknown>) =>
  ask<{ problems: string[] }>('/api/evaluate/rules/check', { kind, definition })

/** Everything that changes evaluation, each followed by a fresh look. */
export function useActs() {
  const cache = useQueryClient()
  /** A first answer that is still on its way may be older than what was just done: it is not waited for. */
  const fresh = async () => {
    await cache.cancelQueries({ queryKey: [KEY] })
    await cache.invalidateQueries({ queryKey: [KEY] })
  }
  const prepare = useMutation({
    mutationFn: (body: Schemas['PeriodIn']) => take(api.POST('/api/evaluate/periods', { body })),
    onSuccess: fresh,
  })
  const publish = useMutation({
    mutationFn: (id: string) => take(api.POST('/api/evaluate/periods/{period_id}/publish', { params: { path: { period_id: id } } })),
    onSettled: fresh,
  })
  const withdraw = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/evaluate/periods/{period_id}', { params: { path: { period_id: id } } }),
    onSettled: fresh,
  })
  const write = useMutation({
    mutationFn: (body: Schemas['EvaluationRuleIn']) => take(api.POST('/api/evaluate/rules', { body })),
    onSuccess: fresh,
  })
  const publishRule = useMutation({
    mutationFn: (id: string) => take(api.POST('/api/evaluate/rules/{rule_id}/publish', { params: { path: { rule_id: id } } })),
    onSettled: fresh,
  })
  return { prepare, publish, withdraw, write, publishRule }
}
