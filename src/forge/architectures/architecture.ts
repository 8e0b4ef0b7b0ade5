import type { RotaryPairs } from '../rotary.ts';

/** What sets one family of decoders apart for the shared graph builder, by the name that `general.architecture` has in a GGUF file. */
export interface Architecture {
  readonly name: string;
  /** In `config.json`. */
  readonly modelType: string;
  readonly className: string;
  readonly rotaryPairs: RotaryPairs;
  /** Added to query, key and value. */
  readonly qkvBias: boolean;
  /** Each head of query and key is normalised. */
  readonly headNorms: boolean;
  /** How text is cut before its pieces are joined, where a file does not say: files of before the key was there. */
  readonly preTokenizer?: string;
  /** Query, key and value are one matrix, gate and up another. */
  readonly fused?: boolean;
  /** What attention and feed-forward give is normalised before it is added. */
  readonly postNorms?: boolean;
  readonly activation?: 'gelu';
  /** Rows of the embedding are multiplied by the root of their length. */
  readonly scaledEmbedding?: boolean;
  /** Where the file does not say. */
  readonly softcaps?: { readonly attention: number; readonly logits: number };
  readonly window?: {
    /** Where the file does not say. */
    readonly size?: number;
    /** Each so many-eth layer sees everything; every layer is limited where this is absent. */
    readonly wholeEvery?: number;
    /** By what limited layers turn, where the file does not say. */
    readonly ropeTheta?: number;
  };
  /** The number of layers of the one size whose attention is scaled by the model's width a head, not by the head's own. */
  readonly scaledByWidthAt?: number;
  /** Spaces after tokens that are never cut are swallowed, in a SentencePiece vocabulary. */
  readonly addedTakeSpaces?: boolean;
}
