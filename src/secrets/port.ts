/** A secret, read at the moment of use from where it is kept. */
export interface Secret {
  /** Where it comes from, for messages: `env:CLARI_API_KEY`. Never the value. */
  readonly reference: string;
  /**
   * The value as it is now; a source that is slow to read may keep one for a short while.
   * @throws ExportError `SecretUnavailable`, `ConfigurationInvalid`
   */
  read(): Promise<string>;
  /** `refused` was not taken where it was used: it is given again only if the source, asked after this, still has it. */
  forget(refused: string): void;
}
