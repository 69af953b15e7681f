declare module 'virtual:calling-codes' {
  /** Country (ISO 3166-1), calling code, and the digits that people put before a number at home (may be empty). */
  const codes: readonly (readonly [country: string, code: string, trunkPrefix: string])[]
  export default codes
}
