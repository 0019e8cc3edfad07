/** What a wall screen asks: all figures at once, the map by its part, the events behind a figure. */
import { computed, onScopeDispose, ref, toValue, type MaybeRefOrGetter } from 'vue'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, openLive, take, type components, type LiveState, type paths } from '@/api'
import { setHouseTime } from '@/kit'

type Schemas = components['schemas']
export type Board = Schemas['BoardOut']
export type Stage = Board['stages'][number]
export type Source = Board['sources'][number]
export type Department = Board['departments'][number]
export type Behind = Schemas['Behind']
export type Spot = Schemas['Spot']
type Asked = paths['/api/board/events']['get']['parameters']['query']
/** A figure that can be opened: its words, and what lies behind it. */
export interface Figure {
  title: string
  asked: Asked
}

/** On a city's own wall its offices need not say each time whose they are. */
export const shortName = (name: string, place: string): string => (place && name.startsWith(place) && name.length > place.length + 1 ? name.slice(place.length) : name)

/** Time alone makes a source silent: now and then everything is asked again. */
const EVERY_MS = 20_000
const GATHER_MS = 150
/** The stream breathes every 15 seconds; after so long without a breath it is dead. */
const BREATHLESS_MS = 40_000

export const useBoard = (enabled: () => boolean) =>
  useQuery({
    queryKey: ['board', 'figures'],
    queryFn: async (): Promise<Board> => {
      const board = await take(api.GET('/api/board', {}))
      if (board.quality === 'good') setHouseTime(board.as_of)
      return board
    },
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: true,
    enabled,
  })

export function useSpots(part: MaybeRefOrGetter<{ bbox: string; zoom: number } | null>) {
  const of = computed(() => toValue(part))
  return useQuery({
    queryKey: ['board', 'map', of],
    queryFn: () => take(api.GET('/api/board/map', { params: { query: of.value! } })),
    enabled: () => of.value !== null,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  })
}

/** Page after page; what moves meanwhile is asked again from the first to the last that was read. */
export function useBehind(figure: MaybeRefOrGetter<Figure>) {
  const asked = computed(() => toValue(figure).asked)
  return useInfiniteQuery({
    queryKey: ['board', 'behind', asked],
    queryFn: ({ pageParam }) => take(api.GET('/api/board/events', { params: { query: { ...asked.value, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  })
}

type DoorName = Board['opens'][number]
/** What may be opened at the desk from here, and why not where it may not. */
export interface Doors {
  opens: DoorName[]
  isKey: boolean
}
const WHERE = { alarm: '/alarms', docking: '/admin/docking', dead_letters: '/admin/dead' }
/** The page of the desk that a trouble or an alarm is about, if whoever looks may open it. */
export const deskPage = (doors: Doors, door: keyof typeof WHERE): string | undefined => (doors.opens.includes(door) ? WHERE[door] : undefined)
export const whyShut = (doors: Doors): string => (doors.isKey ? 'board.shut.key' : 'board.shut.right')

/** Follows the stream of the board; tells since when it is cut. */
export function useBoardLive(enabled: () => boolean, signedOut: () => void) {
  const cache = useQueryClient()
  const state = ref<LiveState | null>(null)
  const cut = ref(false)
  let gathering: ReturnType<typeof setTimeout> | undefined
  const again = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      void cache.invalidateQueries({ queryKey: ['board'] })
    }, GATHER_MS)
  }
  let stop = () => undefined as void
  const look = () => {
    const now = state.value
    cut.value = now !== null && (now.status === 'reconnecting' || now.status === 'stale' || Date.now() - now.heardAt > BREATHLESS_MS)
  }
  const start = () => {
    if (!enabled()) return
    stop()
    stop = openLive('/api/board/live', {
      tick: again,
      resync: again,
      state: (next) => {
        const back = cut.value && next.status === 'live'
        state.value = next
        look()
        if (back) again()
      },
      signedOut,
    })
  }
  const watch = setInterval(look, 1000)
  onScopeDispose(() => {
    stop()
    clearInterval(watch)
    clearTimeout(gathering)
  })
  return { cut, start }
}
