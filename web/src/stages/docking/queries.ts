import { computed } from 'vue'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, asProblem, take, type Answer, type components } from '@/api'
import { say, type Tone } from '@/kit'

export type Link = Answer<'/api/docking/links'>['items'][number]
export type MapKind = components['schemas']['CodeMapIn']['kind']
export type SentAct = components['schemas']['OutOut']
export type DockedFile = components['schemas']['DockedFileOut']
export type Owner = components['schemas']['DockedOut']['clock']

export const HEALTH_TONE: Record<Link['health'], Tone> = { well: 'green', quiet: 'blue', trouble: 'orange', alarmed: 'red', off: 'grey' }
export const ACT_TONE: Record<string, Tone> = { ready: 'blue', sent: 'yellow', taken: 'green', refused: 'red', dropped: 'grey' }
export const MAP_KINDS: MapKind[] = ['class', 'unit', 'area', 'kind', 'state_in', 'act_in', 'grade', 'outcome_in', 'act_out', 'state_out', 'outcome_out', 'standing']

export const useLinks = () =>
  useQuery({ queryKey: ['docking', 'links'], refetchInterval: 15_000, queryFn: () => take(api.GET('/api/docking/links', { params: { query: { limit: 200 } } })) })
export const useConnectors = () => useQuery({ queryKey: ['docking', 'connectors'], queryFn: async () => (await take(api.GET('/api/docking/connectors', {}))).items })
export const useMappings = (link: () => string, kind: () => MapKind) =>
  useQuery({
    queryKey: ['docking', 'mappings', computed(link), computed(kind)],
    queryFn: async () => (await take(api.GET('/api/docking/links/{link_id}/mappings', { params: { path: { link_id: link() }, query: { kind: kind() } } }))).items,
  })
export const useWaiting = (link: () => string) =>
  useQuery({
    queryKey: ['docking', 'waiting', computed(link)],
    queryFn: () => take(api.GET('/api/docking/links/{link_id}/waiting', { params: { path: { link_id: link() }, query: { limit: 100 } } })),
  })
export const useActs = (link: () => string, state: () => 'unsettled' | 'taken' | 'refused' | 'dropped' | undefined) =>
  useQuery({
    queryKey: ['docking', 'acts', computed(link), computed(state)],
    queryFn: () => take(api.GET('/api/docking/links/{link_id}/acts', { params: { path: { link_id: link() }, query: { limit: 100, state: state() } } })),
  })
export const useFiles = (link: () => string, state: () => DockedFile['state'] | '') =>
  useQuery({
    queryKey: ['docking', 'files', computed(link), computed(state)],
    queryFn: () => take(api.GET('/api/docking/links/{link_id}/files', { params: { path: { link_id: link() }, query: { limit: 100, state: state() } } })),
  })
export const useAccounts = (link: () => string) =>
  useQuery({
    queryKey: ['docking', 'accounts', computed(link)],
    queryFn: async () => (await take(api.GET('/api/docking/links/{link_id}/accounts', { params: { path: { link_id: link() }, query: { limit: 31 } } }))).items,
  })
export const useEventDocking = (event: () => string) =>
  useQuery({ queryKey: ['event', computed(event), 'docking'], queryFn: () => take(api.GET('/api/events/{event_id}/docking', { params: { path: { event_id: event() } } })) })

/** Do something with a link, then read anew; a refusal is said. */
export function useGuarded() {
  const cache = useQueryClient()
  return async (act: () => Promise<unknown>, said = '') => {
    try {
      await act()
      if (said) say(said)
    } catch (problem) {
      say(asProblem(problem).message, 'red', asProblem(problem).code)
    }
    await cache.invalidateQueries({ queryKey: ['docking'] })
  }
}
