import type { BenchmarkTest } from '../../core/benchmark/plan.ts';
import type { LoadedModel, SpeechSample } from '../../ports/runtime.ts';
import type { Sample } from './benchmarkFigures.ts';

interface SampleCall {
  readonly signal: AbortSignal;
  /** Of what is drawn: the same in each repetition of a test, so that all compute the same. */
  readonly seed: number;
  readonly speech: () => Promise<SpeechSample>;
}

/** About as long as the passages that documents are cut into for search. */
const PASSAGE =
  'The lamp in the tower turned all night, and whoever stood on the quay could count the seconds between two of its beams. In the morning the ' +
  'keeper came down, wrote the hours into his book and went to sleep, while the boats that had waited outside the bar sailed in with the tide.';

/** One repetition of a test, timed in the worker where the model computes. @throws SillError what the runtime throws */
export async function sampleOf(
  model: Pick<LoadedModel, 'time' | 'embed' | 'transcribe'>,
  test: BenchmarkTest,
  { signal, seed, speech }: SampleCall,
): Promise<Sample[]> {
  switch (test.kind) {
    case 'pp':
    case 'tg': {
      const { stepMs } = await model.time({ ...test, seed }, { signal });
      const speed = perSecond(
        test.tokens,
        stepMs.reduce((sum, ms) => sum + ms, 0),
      );
      return [{ metric: test.kind, size: test.tokens, depth: test.depth, values: [speed] }];
    }
    case 'request': {
      const { ttftMs, stepMs } = await model.time({ ...test, seed }, { signal });
      return [
        // By what was asked for: how many tokens the text has is the tokenizer's, and models are held against each other.
        { metric: 'ttft', size: test.promptTokens, values: ttftMs === undefined ? [] : [ttftMs] },
        { metric: 'itl', size: test.tokens, values: stepMs },
      ];
    }
    case 'embed': {
      const texts = Array.from({ length: test.texts }, (_, i) => `${i + 1}. ${PASSAGE}`);
      const { embedMs } = await model.embed(texts, { signal });
      return [{ metric: 'embed', size: test.texts, values: [perSecond(test.texts, embedMs)] }];
    }
    case 'speech': {
      const { audio, language } = await speech();
      const { transcribeMs, audioSeconds } = await model.transcribe({ audio: audio.slice(), language }, { signal });
      return [{ metric: 'rtf', values: [transcribeMs / 1000 / audioSeconds] }];
    }
  }
}

const perSecond = (count: number, ms: number): number => (count / ms) * 1000;
