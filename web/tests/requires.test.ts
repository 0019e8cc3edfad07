import { describe, expect, it } from 'vitest'
import { actsSince, changesBetween } from '@/stages/event/change'
import { actBody, formFields, missing } from '@/stages/event/requires'
import type { Act, EventOut } from '@/stages/event/types'

describe('form from what a verb requires', () => {
  it('asks what decides before what explains, and marks what is needed', () => {
    const fields = formFields(['lead_org', 'reason'], ['assistants'])
    expect(fields.map((f) => [f.name, f.needed])).toEqual([['lead_org', true], ['assistants', false], ['reason', true]])
  })
  it('knows each kind of evidence apart', () => {
    const fields = formFields(['evidence:before', 'evidence:after'])
    const files = [{ id: 'fil_1', name: 'a.jpg', stage: 'before' }]
    expect(missing(fields, { files })).toEqual(['evidence:after'])
  })
  it('does not take blanks for a reason', () => {
    const fields = formFields(['reason'])
    expect(missing(fields, { reason: '  \n' })).toEqual(['reason'])
    expect(missing(fields, { reason: '不属本单位' })).toEqual([])
  })
  it('sends only what was asked and filled, with the version that was looked at', () => {
    const fields = formFields(['filing_condition'], ['reason'])
    expect(actBody(fields, { condition_id: 'cnd_1', reason: ' ', lead_org: 'org_9' }, 4)).toEqual({ condition_id: 'cnd_1', version: 4 })
  })
  it('leaves out what it does not know rather than break', () => {
    expect(formFields(['something_new', 'until']).map((f) => f.name)).toEqual(['until'])
  })
})

describe('a write on old ground', () => {
  const before = { state_title: '待派遣', lead_org_name: null, due_at: '2026-09-18T10:00:00Z', urgent: false } as unknown as EventOut
  it('shows what changed', () => {
    const after = { ...before, state_title: '待处置', lead_org_name: '城管局' } as EventOut
    expect(changesBetween(before, after)).toEqual([
      { field: 'state_title', before: '待派遣', after: '待处置' },
      { field: 'lead_org_name', before: '', after: '城管局' },
    ])
  })
  it('shows who did it meanwhile', () => {
    const acts = [{ seq: 1, recorded_at: '2026-09-18T09:00:00Z' }, { seq: 2, recorded_at: '2026-09-18T09:30:00Z' }] as Act[]
    expect(actsSince(acts, '2026-09-18T09:10:00Z').map((a) => a.seq)).toEqual([2])
  })
})
