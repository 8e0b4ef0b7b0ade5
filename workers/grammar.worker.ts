import * as xgrammar from '@mlc-ai/web-xgrammar';
import { SillError } from '../src/core/errors.ts';
import { openWorkerDoor } from '../src/platform/networkDoor.ts';
import { grammarContract } from '../src/protocol/grammar.ts';
import { serve } from '../src/protocol/server.ts';
import { createMatching, type Matching } from '../src/runtime/grammarMatching.ts';

declare const self: DedicatedWorkerGlobalScope;

let matching: Promise<Matching> | undefined;

/** What xgrammar says before it gives up: its error itself is `Aborted()`. */
let lastWords = '';
const say = console.error.bind(console);
for (const level of ['error', 'warn', 'log'] as const) {
  console[level] = (...words: unknown[]) => {
    const text = words.join(' ');
    if (text.includes('[FATAL]')) lastWords = text;
    else if (level === 'error') say(...words);
  };
}

async function guarded<T>(work: (running: Matching) => Promise<T> | T): Promise<T> {
  if (!matching) throw new SillError('internal', 'This worker was given no vocabulary.');
  try {
    return await work(await matching);
  } catch (reason) {
    if (reason instanceof SillError) throw reason;
    const text = lastWords.replace(/^.*?\.cc:\d+: /, '') || String(reason);
    throw new SillError('internal', text, { details: { reason: text }, cause: reason });
  }
}

openWorkerDoor('grammar');
serve(
  grammarContract,
  {
    open: async (vocabulary) => {
      matching ??= createMatching(xgrammar, vocabulary);
      await matching;
      return null;
    },
    start: ({ grammar, tokenIds }) => guarded((running) => running.start(grammar, tokenIds)),
    accept: ({ matcher, tokenIds }) => guarded((running) => running.accept(matcher, tokenIds)),
    end: ({ matcher }) =>
      guarded((running) => {
        running.end(matcher);
        return null;
      }),
  },
  self,
);
