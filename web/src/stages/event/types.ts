import type { components } from '@/api'

type Schemas = components['schemas']
export type EventRow = Schemas['EventRow']
export type EventOut = Schemas['EventOut']
export type Offer = EventOut['verbs'][number]
export type Act = Schemas['ActOut']
export type Clock = EventOut['clocks'][number]
export type Evidence = Schemas['EvidenceOut']
export type ReportOut = Schemas['ReportOut']
export type Who = Schemas['WhoOut']
export type InboxView = Schemas['Inbox']['views'][number]
export type ActBody = Schemas['ActIn']
