/** Mounts a real component with the real words; no test doubles of our own parts. */
import { createApp, h, type Component } from 'vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { i18n } from '@/locale'

export function mount(component: Component, props: Record<string, unknown> = {}, slots: Record<string, () => unknown> = {}) {
  const host = document.createElement('div')
  document.body.appendChild(host)
  const app = createApp({ render: () => h(component, props, slots) })
  app.use(i18n).use(VueQueryPlugin, { queryClient: new QueryClient() }).mount(host)
  return {
    host,
    text: () => host.textContent?.replace(/\s+/g, ' ').trim() ?? '',
    unmount() {
      app.unmount()
      host.remove()
    },
  }
}
