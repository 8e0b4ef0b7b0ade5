import type { ReactiveControllerHost } from 'lit';
import { expect, test } from 'vitest';
import type { Message } from '../../core/chat/conversation.ts';
import { Attaching, MAX_ATTACHED_BYTES, MOST_FILES } from './attaching.ts';

function attaching() {
  let drawn = 0;
  const host: ReactiveControllerHost = {
    addController: () => undefined,
    removeController: () => undefined,
    requestUpdate: () => void drawn++,
    updateComplete: Promise.resolve(true),
  };
  return { attached: new Attaching(host), drawn: () => drawn };
}
const file = (name: string, text = name): File => new File([text], name);
const said = (about: Partial<Message>): readonly Message[] => [
  { id: 'q', role: 'user', text: 'Why?', createdAtMs: 0, ...about },
  { id: 'a', parent: 'q', role: 'assistant', text: 'So.', createdAtMs: 1 },
];

test('what was sent is asked about again, until it is taken out; another conversation knows nothing of it', async () => {
  const { attached, drawn } = attaching();
  await attached.add('c', [file('a.txt'), file('b.txt')]);
  attached.setDocuments('c', true);
  expect(drawn()).toBeGreaterThan(1);
  const first = attached.about('c', []);
  expect(first.files?.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
  expect(first.sources).toEqual({ files: first.files?.map(({ id }) => id), documents: true });
  expect(attached.about('other', [])).toEqual({});

  // While it is stored it is on the branch already, and stands there once.
  expect(attached.files('c', said(first))).toHaveLength(2);
  attached.sent('c');
  const { files: again, sources } = attached.about('c', said(first));
  expect([again, sources]).toEqual([undefined, first.sources]);
  attached.remove('c', first.files?.[0]?.id ?? '');
  attached.setDocuments('c', false);
  expect(attached.about('c', said(first)).sources).toEqual({ files: [first.files?.[1]?.id], documents: false });
  // Nothing is left of it after a message about nothing.
  expect(attached.about('d', said({}))).toEqual({});
});

test('what cannot be attached is told of with its reason, until something else is', async () => {
  const { attached } = attaching();
  await attached.add('c', [file('empty.txt', ' '), file('long.txt', 'x'.repeat(MAX_ATTACHED_BYTES + 1)), file('ok.txt')]);
  expect(attached.refused('c').map(({ reason }) => reason)).toEqual(['empty', 'too-large']);
  await attached.add(
    'c',
    Array.from({ length: MOST_FILES }, (_, i) => file(`${i}.txt`)),
  );
  expect(attached.refused('c')).toEqual([{ name: `${MOST_FILES - 1}.txt`, reason: 'too-many' }]);
  expect(attached.files('c', [])).toHaveLength(MOST_FILES);
  attached.clear();
  expect(attached.files('c', [])).toEqual([]);
});
