import { beforeEach, describe, expect, test } from 'vitest';
import { parseModelId, parseRevisionId, shortRevision } from '../../core/ids.ts';
import { faultOfJinja } from '../../runtime/jinjaCheck.ts';
import { A, B, C, entryOf, manifestWith, REVISION_2 } from '../../storage/contract/samples.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createHub } from '../hub.ts';
import { adapted, withDerivedModels } from '../inference/derivedInference.ts';
import type { Generated, GenerateOptions, Inference, TaskInference } from '../inference/inference.ts';
import { createDerivedModels } from './derivedModels.ts';

const clock = { now: () => 5, monotonicMs: () => 5 };
const id = parseModelId;
const [TINY, MARIO, LUIGI] = [id('acme/tiny'), id('mario'), id('luigi')];
const VERSION = shortRevision(entryOf().revision);

let store: ReturnType<typeof createMemoryStore>;
let derived: ReturnType<typeof createDerivedModels>;

beforeEach(async () => {
  store = createMemoryStore();
  await store.models.beginInstall(entryOf(), manifestWith(B));
  for (const digest of [A, B]) await store.chunks.put(digest, new Blob(['x']));
  await store.models.commitInstall(entryOf(), 1);
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  derived = createDerivedModels({
    store,
    clock,
    hub,
    offered: async () => [id('whisper-tiny')],
    loadTemplateCheck: async () => faultOfJinja,
  });
});

describe('derived models', () => {
  test('are made of an installed model and of each other, and resolve to what all of them say', async () => {
    await derived.create(MARIO, 'FROM acme/tiny:latest\nPARAMETER temperature 0.5\nSYSTEM Mario');
    await derived.create(LUIGI, `FROM mario\nSYSTEM Luigi`);
    expect(await derived.resolve(LUIGI)).toMatchObject({ base: 'acme/tiny', system: 'Luigi', parameters: { temperature: 0.5 } });
    expect(await derived.resolve(TINY)).toBeUndefined();
    expect(await derived.baseOf(LUIGI)).toBe('acme/tiny');
    expect(await derived.madeFrom(TINY)).toEqual(['mario', 'luigi']);
    await expect(derived.remove(MARIO)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await derived.remove(LUIGI)).toBe(true);
    expect(await derived.remove(TINY)).toBe(false);
  });

  test('are refused with all faults of their Modelfile and where they are', async () => {
    await expect(derived.create(MARIO, 'FROM acme/tiny\nPARAMETER heat 1\nADAPTER x')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/line 2: .*heat.*line 3: ADAPTER/),
      details: { lines: ['2', '3'] },
    });
    await expect(derived.create(MARIO, 'FROM acme/tiny\n\nTEMPLATE {% if x %}')).rejects.toMatchObject({
      details: { lines: ['3'], faults: ['template'] },
    });
    await expect(derived.create(MARIO, 'FROM acme/tiny\nTEMPLATE {{ messages | nosuch }}')).rejects.toMatchObject({
      details: { lines: ['2'] },
    });
    await derived.create(MARIO, `FROM acme/tiny\nTEMPLATE {% if true %}{{ raise_exception('only in German') }}{% endif %}`);
    expect(await store.modelfiles.list()).toHaveLength(1);
  });

  test('without their base say which one to install, and answer again when it is there', async () => {
    await expect(derived.create(MARIO, 'FROM gone')).rejects.toMatchObject({
      code: 'model_not_installed',
      details: { id: 'gone', derived: 'mario' },
    });
    await derived.create(MARIO, 'FROM acme/tiny');
    await store.models.remove(TINY, 9);
    await expect(derived.resolve(MARIO)).rejects.toMatchObject({ message: expect.stringContaining('sill.models.install("acme/tiny")') });
    expect(await derived.modelfile(MARIO)).toBe('FROM acme/tiny');
  });

  test('of a version answer while that version runs', async () => {
    await derived.create(MARIO, `FROM acme/tiny@${VERSION}`);
    expect(await derived.resolve(MARIO)).toMatchObject({ version: VERSION });
    await derived.create(LUIGI, `FROM acme/tiny:${'9'.repeat(12)}`);
    await expect(derived.resolve(LUIGI)).rejects.toMatchObject({ message: expect.stringContaining(`version ${VERSION} runs`) });
  });

  test('go along with an update of their base, and back with it', async () => {
    await derived.create(MARIO, 'FROM acme/tiny\nSYSTEM Mario');
    await derived.create(LUIGI, `FROM acme/tiny@${VERSION}`);
    const next = { ...entryOf(parseRevisionId(`sha256:${'2'.repeat(64)}`)) };
    await store.models.beginInstall(next, manifestWith(B));
    await store.models.commitInstall(next, 2, 'active');
    expect(await derived.resolve(MARIO)).toMatchObject({ base: 'acme/tiny', system: 'Mario' });
    await expect(derived.resolve(LUIGI)).rejects.toMatchObject({ code: 'model_not_installed' });
    await store.models.change(TINY, { type: 'roll-back', atMs: 3 });
    expect(await derived.resolve(MARIO)).toMatchObject({ base: 'acme/tiny' });
    expect(await derived.resolve(LUIGI)).toMatchObject({ version: VERSION });
  });

  test('a model that nobody wrote a manifest for is told with the chat template of its files', async () => {
    const [config, manifest] = [JSON.stringify({ chat_template: [{ name: 'default', template: '{{ messages }}' }] }), manifestWith(B)];
    await store.chunks.put(C, new Blob([config]));
    const file = { path: 'tokenizer_config.json', sizeBytes: config.length, chunks: [{ digest: C, sizeBytes: config.length }] };
    await store.models.beginInstall(entryOf(REVISION_2), { ...manifest, task: 'text-generation', files: [...manifest.files, file] });
    await store.models.commitInstall(entryOf(REVISION_2), 2);
    expect(await derived.modelfile(TINY)).toBe('FROM acme/tiny\nTEMPLATE {{ messages }}\nLICENSE MIT\n');
  });

  test('are copied, as is a model with weights, and told as a Modelfile', async () => {
    await derived.create(MARIO, '# mine\nFROM acme/tiny\nSYSTEM Mario');
    await derived.copy(MARIO, LUIGI);
    expect(await derived.modelfile(LUIGI)).toBe('# mine\nFROM acme/tiny\nSYSTEM Mario');
    await derived.copy(TINY, id('small'));
    expect(await derived.modelfile(id('small'))).toBe('FROM acme/tiny\n');
    expect(await derived.modelfile(TINY)).toBe('FROM acme/tiny\nLICENSE MIT\n');
    await expect(derived.copy(id('nobody'), LUIGI)).rejects.toMatchObject({ code: 'model_not_installed' });
    await expect(derived.copy(MARIO, TINY)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(derived.copy(MARIO, id('whisper-tiny'))).rejects.toMatchObject({
      message: expect.stringContaining('Choose another name'),
    });
  });

  test('give way to a model with weights that takes their name', async () => {
    await store.restore({
      documents: [],
      settings: [],
      modelfiles: [{ ...(await made()), id: TINY }],
    });
    expect(await derived.resolve(TINY)).toBeUndefined();
    expect(await derived.remove(TINY)).toBe(false);
  });
});

const made = async () => {
  await derived.create(MARIO, 'FROM acme/tiny');
  const [model] = await store.modelfiles.list();
  if (!model) throw new Error('nothing was made');
  return model;
};

test('a request goes before the Modelfile, which goes before the base', async () => {
  const asked: Array<readonly [string, GenerateOptions]> = [];
  const refuse = () => Promise.reject(new Error('not part of this test'));
  const inner: Inference & TaskInference = {
    async generate(model, options) {
      asked.push([model, options]);
      return { text: 'Hi', run: { model, revision: entryOf().revision } } as unknown as Generated;
    },
    ...{ embed: refuse, transcribe: refuse, run: refuse, taskOf: refuse },
  };
  const inference = withDerivedModels(inner, derived);
  const { signal } = new AbortController();
  await derived.create(
    MARIO,
    'FROM acme/tiny\nPARAMETER temperature 0.5\nPARAMETER top_k 3\nPARAMETER stop x\nPARAMETER num_keep 4\nSYSTEM Mario\nMESSAGE user hi\nMESSAGE assistant ho\nTEMPLATE {{ .Prompt }}',
  );
  const user = { role: 'user', content: 'Who?' } as const;
  const { run } = await inference.generate(
    MARIO,
    { input: { kind: 'chat', messages: [user] }, temperature: 0, contextShift: {} },
    { signal },
  );
  expect(run).toMatchObject({ model: 'mario', base: 'acme/tiny' });
  expect(asked[0]).toMatchObject([
    'acme/tiny',
    {
      ...{ temperature: 0, topK: 3, stop: ['x'], contextShift: { keep: 4 } },
      input: {
        template: '{{ .Prompt }}',
        messages: [{ role: 'system', content: 'Mario' }, { role: 'user', content: 'hi' }, { role: 'assistant', content: 'ho' }, user],
      },
    },
  ]);
  const adaptation = await derived.resolve(MARIO);
  if (!adaptation) throw new Error('it was made');
  const system = { role: 'system', content: 'Be a cook.' } as const;
  expect(adapted({ input: { kind: 'chat', messages: [system, user] } }, adaptation).input).toMatchObject({
    messages: [{ content: 'hi' }, { content: 'ho' }, system, user],
  });
  expect(adapted({ input: { kind: 'text', text: 'Once' } }, adaptation)).toMatchObject({ input: { kind: 'text', text: 'Once' }, topK: 3 });
});
