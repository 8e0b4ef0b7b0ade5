import { describe, expect, it } from 'vitest';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { createInference } from './inference.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('an install', () => {
  const installs: string[] = [];
  const call = async (name: string) => void installs.push(name);
  const client = { call, close: () => undefined } as unknown as Client<EngineContract>;
  const decodeAudio = async () => new Float32Array(0);

  it('waits for no answer to whether the browser keeps what is stored, and asks once while that is open', async () => {
    const answers: Array<(keeps: boolean) => void> = [];
    const persist = () => new Promise<boolean>((resolve) => answers.push(resolve));
    const { models } = createInference(client, { persist, decodeAudio });
    await models.install('one');
    await models.install('two');
    expect(installs).toEqual(['models.install', 'models.install']);
    expect(answers).toHaveLength(1);
    answers[0]?.(false);
    await settled();
    await models.install('three');
    expect(answers).toHaveLength(2);
  });

  it('goes on where the browser refuses the question', async () => {
    const { models } = createInference(client, { persist: () => Promise.reject(new Error('no')), decodeAudio });
    await models.install('four');
    await settled();
    expect(installs).toHaveLength(4);
  });
});
