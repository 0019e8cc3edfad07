/** Who sits here: the person, the post he acts in, and what that post may do. */
import { computed, ref } from 'vue'
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { api, asProblem, setCsrf, take, type components } from '@/api'
import { setHouseTime } from '@/kit'

export type Session = components['schemas']['SessionOut']

export const SESSION_KEY = ['session'] as const

function welcome(session: Session): Session {
  setCsrf(session.csrf)
  if (session.time) setHouseTime(session.time)
  return session
}

async function readSession(): Promise<Session | null> {
  try {
    return welcome(await take(api.GET('/api/session', {})))
  } catch (error) {
    if (asProblem(error).status === 401) return null
    throw error
  }
}

export function useSession() {
  const query = useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: Infinity, retry: 1 })
  const session = computed(() => query.data.value ?? null)
  const permissions = computed(() => new Set<string>(session.value?.permissions ?? []))
  const post = computed(() => session.value?.posts.find((p) => p.id === session.value?.post) ?? null)
  return { session, post, permissions, may: (permission: string) => permissions.value.has(permission), query }
}

/** Just signed in with several posts: the one to act in is still to be said. */
export const mustPickPost = ref(false)

export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (who: { username: string; password: string }) =>
      welcome(await take(api.POST('/api/session', { body: who }))),
    onSuccess: (session) => {
      mustPickPost.value = session.posts.length > 1
      cache.setQueryData(SESSION_KEY, session)
    },
  })
}

/** Nobody sits here any more: the screen says so, and what the last one saw is forgotten. */
export function leave(cache: QueryClient): void {
  cache.setQueryData(SESSION_KEY, null)
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] })
}

export function useSignOut() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const provider = cache.getQueryData<Session | null>(SESSION_KEY)?.provider
      await api.DELETE('/api/session', {})
      return provider
    },
    onSuccess: (provider) => {
      // Who came by way of a provider is signed out there too.
      if (provider) location.assign(`/api/sign-in/${provider}/leave`)
    },
    onSettled: () => leave(cache),
  })
}

export function usePickPost() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (post_id: string) => {
      await api.PUT('/api/session/post', { body: { post_id } })
      return readSession()
    },
    onSuccess: async (session) => {
      cache.setQueryData(SESSION_KEY, session)
      await cache.invalidateQueries({ predicate: (q) => q.queryKey[0] !== SESSION_KEY[0] })
    },
  })
}

export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (change: { old: string; new: string }) => {
      await api.PUT('/api/session/password', { body: change })
      return readSession()
    },
    onSuccess: (session) => cache.setQueryData(SESSION_KEY, session),
  })
}
