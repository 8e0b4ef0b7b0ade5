import { createTextStream } from '../core/detokenize.ts';
import type { Continued, GeneratedPiece, GenerateRequest } from '../ports/runtime.ts';
import { promptIds, type TextModel } from './textGeneration.ts';

/**
 * The prompt with what was answered so far behind it. Only tokens whose text was given are taken: one that was held back, being half of a
 * character or the beginning of a stop string, is made anew, so that what comes next begins where the text ended.
 * @throws SillError `empty_input` | `context_length_exceeded` | `chat_template_missing`
 */
export function continuedPrompt(text: TextModel, input: GenerateRequest['input'], given: GeneratedPiece): Continued {
  const prompt = promptIds(text, input);
  const stream = createTextStream(text.tokenizer.decode, prompt, []);
  let taken = 0;
  let takenText = '';
  let soFar = '';
  for (const [i, id] of given.tokenIds.entries()) {
    const added = stream.push(id);
    soFar += added;
    if (soFar.length > given.text.length) break;
    // A token without text of its own may be the first half of a character.
    if (added === '') continue;
    taken = i + 1;
    takenText = soFar;
  }
  return { ids: [...prompt, ...given.tokenIds.slice(0, taken)], tokens: taken, text: takenText };
}
