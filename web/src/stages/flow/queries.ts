/** What is asked of the house about flows. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useQuery } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { api, ask, take, type components } from '@/api'
import type { Definition } from './definition'

type Schemas = components['schemas']
export type Flow = Schemas['FlowOut']
export type Draft = Omit<Schemas['FlowDraftOut'], 'definition'> & { definition: Definition }
export type DraftRow = Schemas['FlowDraftRow']
export type Check = Schemas['CheckOut']
export type Vocabulary = Schemas['Vocabulary']
export type FlowTrial = Schemas['FlowTrialOut']

export function useFlow(which: MaybeRefOrGetter<{ id: string; version: number } | null | undefined>) {
  const { locale } = useI18n()
  const of = computed(() => toValue(which))
  return useQuery({
    queryKey: ['flow', computed(() => [of.value?.id, of.value?.version]), locale],
    queryFn: () => take(api.GET('/api/flows/{flow}/{version}', { params: { path: { flow: of.value!.id, version: of.value!.version } } })),
    enabled: () => Boolean(of.value),
    staleTime: Infinity,
  })
}

export function useDrafts(waiting: MaybeRefOrGetter<boolean>) {
  const only = computed(() => toValue(waiting))
  return useQuery({ queryKey: ['flow-drafts', only], queryFn: async () => (await take(api.GET('/api/flows/drafts', { params: { query: { waiting: only.value, limit: 100 } } }))).items })
}

export function useDraft(id: MaybeRefOrGetter<string | null>) {
  const { locale } = useI18n()
  const of = computed(() => toValue(id))
  return useQuery({
    queryKey: ['flow-draft', of, locale],
    queryFn: async () => (await take(api.GET('/api/flows/drafts/{draft_id}', { params: { path: { draft_id: of.value! } } }))) as unknown as Draft,
    enabled: () => Boolean(of.value),
    refetchOnWindowFocus: false,
  })
}

export function useVocabulary() {
  const { locale } = useI18n()
  return useQuery({ queryKey: ['flow-words', locale], queryFn: () => take(api.GET('/api/flows/words', {})), staleTime: Infinity })
}

/** The model check while one writes, with the picture marked against a version. */
export const checkDefinition = (definition: Definition, base: number | null, chosen: string, signal?: AbortSignal) =>
  ask<Check>('/api/flows/check', { definition, base, chosen }, signal)
