/* eslint-disable */
export type paths = any
export interface components { schemas: any }
