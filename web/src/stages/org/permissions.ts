/** Permissions with their words. Who may not see the catalogue of words still gets every id that a role holds. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useQuery } from '@tanstack/vue-query'
import { api, take } from '@/api'
import { useRoles } from './queries'

export function usePermissions() {
  const { locale } = useI18n()
  const { data: roles } = useRoles()
  const { data: words } = useQuery({
    queryKey: ['permissions', locale],
    queryFn: async () => new Map((await take(api.GET('/api/flows/permissions', {}))).items.map((one) => [one.id, one.title])),
    staleTime: Infinity,
  })
  const title = (id: string): string => words.value?.get(id) ?? id
  const all = computed(() => {
    const ids = new Set([...(words.value?.keys() ?? []), ...(roles.value ?? []).flatMap((role) => role.permissions.map((pair) => pair[0]))])
    return [...ids].sort().map((id) => ({ id, title: title(id) }))
  })
  return { all, title }
}
