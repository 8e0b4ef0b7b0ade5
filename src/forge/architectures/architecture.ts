/** What sets one family of decoders apart for the shared graph builder, by the name that `general.architecture` has in a GGUF file. */
export interface Architecture {
  readonly name: string;
  /** In `config.json`. */
  readonly modelType: string;
  readonly className: string;
  /** Whether rotated pairs lie side by side in the rows of query and key, or half a head apart. */
  readonly rotaryPairs: 'neighbours' | 'halves';
  /** Added to query, key and value. */
  readonly qkvBias: boolean;
  /** Each head of query and key is normalised. */
  readonly headNorms: boolean;
  /** How text is cut before its pieces are joined, where a file does not say: files of before the key was there. */
  readonly preTokenizer?: string;
}
