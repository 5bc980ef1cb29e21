/** A secret, read at the moment of use from where it is kept. */
export interface Secret {
  /** Where it comes from, for messages: `env:CLARI_API_KEY`. Never the value. */
  readonly reference: string;
  /**
   * The value as it is now.
   * @throws ExportError `SecretUnavailable`
   */
  read(): Promise<string>;
}
