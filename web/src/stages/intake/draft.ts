/** Keeps an unfinished form on the server, for its writer alone, and brings it back. */
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { api, asProblem, take } from '@/api'

const WAIT_MS = 1500

export function useDraft<T extends object>(key: string, form: Ref<T>, isBlank: (form: T) => boolean, restore: (kept: Record<string, unknown>) => T) {
  const keptAt = ref<string | null>(null)
  const restored = ref(false)
  const failed = ref(false)
  const ready = ref(false)
  const path = { key }
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load() {
    try {
      const draft = await take(api.GET('/api/drafts/{key}', { params: { path } }))
      form.value = restore(draft.body)
      keptAt.value = draft.kept_at
      restored.value = true
    } catch (error) {
      failed.value = asProblem(error).status !== 404
    } finally {
      ready.value = true
    }
  }
  async function keep() {
    if (isBlank(form.value)) return
    try {
      await api.PUT('/api/drafts/{key}', { params: { path }, body: { body: form.value as Record<string, unknown> } })
      keptAt.value = new Date().toISOString()
      failed.value = false
    } catch {
      failed.value = true
    }
  }
  async function drop() {
    clearTimeout(timer)
    keptAt.value = null
    restored.value = false
    await api.DELETE('/api/drafts/{key}', { params: { path } }).catch(() => (failed.value = true))
  }
  watch(
    form,
    () => {
      if (!ready.value) return
      clearTimeout(timer)
      timer = setTimeout(keep, WAIT_MS)
    },
    { deep: true },
  )
  onBeforeUnmount(() => clearTimeout(timer))
  void load()
  return { keptAt, restored, failed, drop, keep }
}
