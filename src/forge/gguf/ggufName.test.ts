import { expect, test } from 'vitest';
import { GgufMetadata } from './ggufMetadata.ts';
import { ggufName } from './ggufName.ts';

const named = (values: Readonly<Record<string, string>>) =>
  ggufName(new GgufMetadata(new Map(Object.entries(values).map(([key, value]) => [`general.${key}`, value]))));

test.each(['Stories 15M', 'TinyLlama 1.1B Chat', 'phi-2', 'tinyllama_tinyllama-1.1b-chat-v1.0', 'Hermes Pro', '通义千问 7B'])(
  'a file is called %s as it says',
  (name) => expect(named({ name })).toBe(name),
);

test('of an owner and a name, or of a path, the name is left', () => {
  expect(named({ name: 'mistralai/Mistral-7B-v0.1' })).toBe('Mistral-7B-v0.1');
  expect(named({ name: '/data/models/qwen2 0.5b' })).toBe('qwen2 0.5b');
});

test.each(['Storage', 'model', '', '  ', '.', 'hf', 'C:\\models\\', '7b1f0a2c9e8d4c55a1', '2024-01-15'])(
  'what a folder was called with by chance is no name: %s',
  (name) => expect(named({ name })).toBeUndefined(),
);

test('then the parts of a name are put together, if there are any', () => {
  const parts = { basename: 'TinyLlama', size_label: '1.1B', finetune: 'Chat', version: 'v1.0' };
  expect(named({ ...parts, name: 'Storage' })).toBe('TinyLlama 1.1B Chat v1.0');
  expect(named({ basename: 'TinyLlama' })).toBeUndefined();
  expect(named({ size_label: '1.1B' })).toBeUndefined();
});
