/** Verify and check: tasks in the street for somebody else than the doer. */
import { computed } from 'vue'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, take, type components } from '@/api'

export type Task = components['schemas']['TaskOut']

export const useTasks = (mine: () => boolean) =>
  useQuery({
    queryKey: ['tasks', computed(mine)],
    queryFn: async () => (await take(api.GET('/api/tasks', { params: { query: { mine: mine() } } }))).items,
  })

export function useTaskDone() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: components['schemas']['TaskDone'] }) =>
      take(api.POST('/api/tasks/{task_id}/done', { params: { path: { task_id: id } }, body })),
    onSuccess: () => cache.invalidateQueries({ predicate: (q) => ['tasks', 'event', 'events', 'inbox'].includes(String(q.queryKey[0])) }),
  })
}
