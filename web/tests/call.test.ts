import { describe, expect, it } from 'vitest'
import { blankCall, bodyOf, gapsOf, isBlank, restoreCall, SendOnce } from '@/stages/intake/form'

describe('the call form', () => {
  it('needs words and some place', () => {
    expect(gapsOf(blankCall())).toEqual(['text', 'where'])
    expect(gapsOf({ ...blankCall(), text: '井盖缺失', point: { lon: 118, lat: 36 } })).toEqual([])
  })
  it('takes the first sentence as the title when none is given', () => {
    expect(bodyOf({ ...blankCall(), text: '路口井盖缺失。已经两天了。' }).title).toBe('路口井盖缺失')
  })
  it('sends nothing of a caller who wants to stay unknown', () => {
    const body = bodyOf({ ...blankCall(), name: '张三', phone: '13800000000', anonymous: true })
    expect(body.reporter).toEqual({ anonymous: true })
    expect(body.want_reply).toBe(false)
  })
  it('opens a draft of an older form', () => {
    const form = restoreCall({ text: '积水', gone_field: 1 })
    expect(form.text).toBe('积水')
    expect('gone_field' in form).toBe(false)
    expect(isBlank(restoreCall({}))).toBe(true)
  })
  it('keeps one key for one content: a double click is one report', () => {
    const once = new SendOnce()
    const first = once.keyFor({ text: 'a' })
    expect(once.keyFor({ text: 'a' })).toBe(first)
    expect(once.keyFor({ text: 'b' })).not.toBe(first)
    const second = once.keyFor({ text: 'b' })
    once.done()
    expect(once.keyFor({ text: 'b' })).not.toBe(second)
  })
})
