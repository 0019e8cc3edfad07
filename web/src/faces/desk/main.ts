import { createApp } from 'vue'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { asProblem, setLanguage } from '@/api'
import { i18n, preferredLanguage, speak } from '@/locale'
import { currentLetters, useLetters, useTheme } from '@/tokens'
import '@/tokens/tokens.css'
import '@/tokens/base.css'
import '@/faces/old-browsers'
import App from './App.vue'
import { router } from './router'

const RETRIES = 2

const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => {
        const { status } = asProblem(error)
        return failures < RETRIES && (status === 0 || status >= 500)
      },
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
})

async function start() {
  useTheme(localStorage.getItem('gangmu.theme') === 'dark' ? 'dark' : 'light')
  useLetters(currentLetters())
  const language = preferredLanguage()
  setLanguage(language)
  await speak(language)
  createApp(App).use(i18n).use(VueQueryPlugin, { queryClient: cache }).use(router).mount('#desk')
}

void start()
