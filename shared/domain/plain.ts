/** What JSON can say: offsets become texts, which lose nothing. */
export type Plain<T> = T extends bigint
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T

/** As a function answers, so that whoever invoked it reads back the same. */
export const toPlain = <T>(value: T): Plain<T> =>
  JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)))
