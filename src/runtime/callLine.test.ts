import { describe, expect, it } from 'vitest';
import { createCallLine } from './callLine.ts';

function held() {
  let end: (result: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  return { work: () => ended, end: (result: string) => end(result) };
}

describe('calls of one session', () => {
  it('run one after the other, whatever became of those before', async () => {
    const inTurn = createCallLine();
    const began: number[] = [];
    const first = held();
    const calls = [
      inTurn(() => {
        began.push(1);
        return first.work();
      }),
      inTurn(async () => {
        began.push(2);
        throw new Error('no');
      }),
      inTurn(async () => began.push(3)),
    ];
    const ends = Promise.allSettled(calls);
    await Promise.resolve();
    expect(began).toEqual([1]);
    first.end('done');
    expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(began).toEqual([1, 2, 3]);
  });

  it('end at once when they are cancelled while they wait, and never begin', async () => {
    const inTurn = createCallLine();
    const first = held();
    const running = inTurn(first.work);
    const abort = new AbortController();
    let hasBegun = false;
    const waiting = inTurn(async () => {
      hasBegun = true;
    }, abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
    first.end('done');
    await expect(running).resolves.toBe('done');
    await expect(inTurn(async () => hasBegun)).resolves.toBe(false);
  });

  it('are told to stop while they run, and end when they do', async () => {
    const inTurn = createCallLine();
    const first = held();
    const abort = new AbortController();
    const running = inTurn(first.work, abort.signal);
    await Promise.resolve();
    abort.abort();
    const next = inTurn(async () => 'next');
    await expect(Promise.race([running, next, Promise.resolve('still')])).resolves.toBe('still');
    first.end('done');
    await expect(running).resolves.toBe('done');
    await expect(next).resolves.toBe('next');
  });
});
