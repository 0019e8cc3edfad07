import type { components } from '@/api'

type Schemas = components['schemas']
export type EventRow = Schemas['EventRow']
export type EventOut = Schemas['EventOut']
export type Offer = Schemas['OfferOut']
export type Act = Schemas['ActOut']
export type Clock = Schemas['ClockOut']
export type Evidence = Schemas['EvidenceOut']
export type ReportOut = Schemas['ReportOut']
export type Deadline = Schemas['DeadlineOut']
export type InboxView = Schemas['InboxView']
export type ActBody = Schemas['ActBody']
