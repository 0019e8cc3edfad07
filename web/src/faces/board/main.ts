import { createApp } from 'vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { asProblem, setBearer, setLanguage } from '@/api'
import { i18n, preferredLanguage, speak } from '@/locale'
import { useTheme } from '@/tokens'
import '@/tokens/tokens.css'
import '@/tokens/base.css'
import '@/faces/old-browsers'
import App from './App.vue'
import { keptKey, takeKey, wantedTheme } from './screen'

const RETRIES = 2

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (failures, error) => {
        const { status } = asProblem(error)
        return failures < RETRIES && (status === 0 || status >= 500)
      },
    },
  },
})

async function start() {
  takeKey()
  setBearer(keptKey())
  useTheme(wantedTheme())
  const language = preferredLanguage()
  setLanguage(language)
  await speak(language)
  createApp(App).use(i18n).use(VueQueryPlugin, { queryClient: cache }).mount('#board')
}

void start()
