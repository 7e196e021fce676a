/** Where logins are kept. */
export interface Secrets {
  /** The text of a secret; `fresh`: as it is now, since the last one read was refused. */
  read(name: string, how: { readonly fresh: boolean }): Promise<string>
}
