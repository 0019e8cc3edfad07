/** Organisations, people, posts, accounts and roles. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { useQuery } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

type Schemas = components['schemas']
export type Org = Schemas['OrgOut']
export type Person = Schemas['PersonOut']
export type Post = Schemas['PostOut']
export type Account = Schemas['AccountOut']
export type Role = Schemas['RoleOut']

const LONG = 5 * 60_000

export const useOrgs = () =>
  useQuery({ queryKey: ['orgs'], queryFn: async () => (await take(api.GET('/api/orgs', {}))).items, staleTime: LONG })

export function usePosts(filter: MaybeRefOrGetter<{ person?: string; org?: string; role?: string }>, enabled: () => boolean = () => true) {
  const wanted = computed(() => toValue(filter))
  return useQuery({
    queryKey: ['posts', wanted],
    queryFn: async () => (await take(api.GET('/api/posts', { params: { query: wanted.value } }))).items,
    enabled,
  })
}

export const useRoles = () =>
  useQuery({ queryKey: ['roles'], queryFn: async () => (await take(api.GET('/api/roles', {}))).items, staleTime: LONG })

/** The words of a role by its id. */
export function useRoleTitles() {
  const { locale } = useI18n()
  const { data } = useRoles()
  const roleTitle = (id: string): string => {
    const role = data.value?.find((one) => one.id === id)
    return role ? (locale.value === 'en' ? role.title_en : role.title_zh) : id
  }
  return { roleTitle }
}

export async function searchOrgs(q: string): Promise<Org[]> {
  return (await take(api.GET('/api/orgs', { params: { query: { q } } }))).items
}

export async function searchPeople(q: string): Promise<Person[]> {
  return (await take(api.GET('/api/people', { params: { query: { q, limit: 30 } } }))).items
}

export async function postsOf(org: string | undefined): Promise<Post[]> {
  return (await take(api.GET('/api/posts', { params: { query: { org } } }))).items
}
