import { describe, expect, it } from 'vitest';
import { ERROR_CODES, SillError } from '../core/errors.ts';
import { refusalOf, statusOf } from './httpErrors.ts';

const busy = new SillError('busy', 'Too many.', { details: { retryAfterSeconds: 7 } });

describe('an error as an answer', () => {
  it('of a line that is full says when to ask again: 429 as OpenAI, 503 as Ollama', () => {
    expect(refusalOf(busy, 'openai')).toMatchObject({ status: 429, headers: { 'retry-after': '7', 'x-should-retry': 'true' } });
    expect(JSON.parse(refusalOf(busy, 'openai').body)).toEqual({
      error: { message: 'Too many.', type: 'rate_limit_error', param: null, code: 'busy' },
    });
    expect(refusalOf(busy, 'ollama')).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, body: '{"error":"Too many."}' });
  });

  it('of a model that will never fit asks nobody to try again', () => {
    const { status, headers } = refusalOf(new SillError('model_too_large', 'Too large.'), 'openai');
    expect(status).toBe(503);
    expect(headers['x-should-retry']).toBe('false');
    expect(headers['retry-after']).toBeUndefined();
  });

  it('is a status of a failed request for each code there is', () => {
    for (const code of ERROR_CODES) {
      for (const family of ['openai', 'ollama'] as const) expect(statusOf(new SillError(code, 'x'), family)).toBeGreaterThanOrEqual(400);
    }
  });
});
