import { beforeAll } from 'vitest'

beforeAll(async () => {
  if (typeof document === 'undefined') return
  const { speak } = await import('@/locale')
  await speak('zh-CN')
})
