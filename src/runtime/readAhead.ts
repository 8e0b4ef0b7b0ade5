import { wholeBlocks } from '../core/prefill.ts';
import { blockKey } from '../core/prefixTree.ts';
import type { GenerateRequest, ReadAheadRequest } from '../ports/generation.ts';
import { commonLength, FIRST_WORDS } from './keptBeginnings.ts';
import { evaluate, evaluating } from './prefill.ts';
import { promptIds } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';

interface ReadAheadCall {
  readonly signal: AbortSignal;
  /** After each block that was evaluated, with its tokens. */
  readonly onRead: (tokens: number) => void;
}

/**
 * Evaluates what the next turn of a conversation begins with, whatever a person asks in it, and keeps it as a prefill of that turn would. An answer
 * is not in the cache as decoding left it there (`prefill`): without this it is evaluated when the next question comes. Nothing where blocks are
 * not kept one by one, or where the next turn has no room.
 * @throws SillError `chat_template_missing` | `invalid_request` | `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function readAhead(text: TextModel, request: ReadAheadRequest, { signal, onRead }: ReadAheadCall): Promise<void> {
  const { model, prefixes, turns } = text;
  if (!model.keepsBlocksApart) return;
  const blocks = nextBeginning(text, request);
  const salt = request.cacheSalt ?? '';
  const path = blocks.map(blockKey);
  if (prefixes.find(salt, path).length === blocks.length) return;
  const sequence = model.start();
  try {
    const from = await turns.take(() =>
      evaluating(async () => {
        const known = prefixes.find(salt, path);
        sequence.restore(known.map(({ block }) => block));
        return known.length;
      }),
    );
    await evaluate(text, sequence, { blocks, from, isScored: false, signal, salt, onBlock: onRead });
  } finally {
    sequence.release();
  }
}

/** Rendered as it will be: what a template makes of an answer that has become history is what is the same before any next question. */
function nextBeginning(
  text: TextModel,
  { messages, template, answer, tools, contextLength = text.contextLength }: ReadAheadRequest,
): number[][] {
  const [first = [], second = []] = FIRST_WORDS.map((content) => {
    const input: GenerateRequest['input'] = {
      ...{ kind: 'chat', messages: [...messages, { role: 'assistant', content: answer }, { role: 'user', content }] },
      ...(template === undefined ? {} : { template }),
    };
    return promptIds(text, input, true, tools);
  });
  const length = commonLength(first, second);
  return length < Math.min(contextLength, text.contextLength) ? wholeBlocks(first, text.cuts, length) : [];
}
