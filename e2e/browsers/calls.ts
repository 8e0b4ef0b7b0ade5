import type { Sill } from '../../src/protocol/sill.ts';

/** What the walk does in the page. Each function stands for itself: it is sent there as text. */

declare global {
  /** Set before the page is loaded anew, to know when it was. */
  var walkMark: boolean | undefined;
}

declare const sill: Sill;

/** The service worker is there, and has stored the shell. */
export const shellStored = async (): Promise<void> => {
  while (!('sill' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 50));
  await navigator.serviceWorker.ready;
};

export const install = async (model: string): Promise<void> => {
  while (!('sill' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 50));
  await sill.models.install(model);
};

/** The likeliest words after "Once upon a time". */
export const write = async (model: string, tokens: number): Promise<string | undefined> => {
  while (!('sill' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 50));
  const answer = await sill.completions.create({ model, prompt: 'Once upon a time', temperature: 0, max_tokens: tokens });
  return answer.choices[0]?.text;
};

export const device = () => sill.device();

export const hostsEngine = async (): Promise<boolean> => (await sill.engine.place()).here;

export const askByHttp = async (tokens: number) => {
  const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: tokens };
  const ask = async (body: object, signal?: AbortSignal): Promise<Response> => {
    const response = await fetch('v1/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return response;
  };
  const models: { data: { id: string }[] } = await (await fetch('v1/models')).json();
  const whole: { choices: { text: string }[] } = await (await ask(request)).json();

  const reader = (await ask({ ...request, stream: true })).body?.getReader();
  let text = '';
  let pieces = 0;
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    text += new TextDecoder().decode(next.value);
    pieces += 1;
  }
  const streamed = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)).choices[0]?.text ?? '')
    .join('');

  // One that is given up in its middle is worked on no more.
  const gone = new AbortController();
  const long = (await ask({ ...request, max_tokens: 200, stream: true }, gone.signal)).body?.getReader();
  await long?.read();
  gone.abort();
  await long?.read().catch(() => undefined);
  const untilMs = performance.now() + 1000;
  let isWorking = true;
  while (isWorking && performance.now() < untilMs) {
    isWorking = ((await navigator.locks.query()).held ?? []).some(({ name }) => name?.includes('streaming'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { models: models.data.map(({ id }) => id), whole: whole.choices[0]?.text, streamed, pieces, isWorking };
};

/** @returns the passage that is nearest to a question in meaning */
export const search = async (): Promise<string | undefined> => {
  await sill.models.install('all-minilm-l6-v2');
  const passages = [
    'The ferry crosses the river every twenty minutes. It carries cars and bicycles, and a ticket is bought on board.',
    'Knead flour, water, salt and yeast into a dough. Let it rise for an hour, then bake it in a hot oven until it is brown.',
    'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.',
  ];
  const input = ['What can I see in the sky after dark?', ...passages];
  const { data } = await sill.embeddings.create({ model: 'all-minilm-l6-v2', input });
  const [question, ...others] = data.map(({ embedding }) => [...(Array.isArray(embedding) ? embedding : [])]);
  const nearness = others.map((other) => other.reduce((sum, value, i) => sum + value * (question?.[i] ?? 0), 0));
  return passages[nearness.indexOf(Math.max(...nearness))];
};

/** @param wav as a `data:` address, which is taken apart here: the page may not fetch one */
export const transcribe = async (wav: string): Promise<string> => {
  await sill.models.install('whisper-tiny');
  const bytes = Uint8Array.from(atob(wav.slice(wav.indexOf(',') + 1)), (letter) => letter.charCodeAt(0));
  const file = new Blob([bytes], { type: 'audio/wav' });
  return (await sill.audio.transcriptions.create({ model: 'whisper-tiny', file })).text;
};

export const offlineReady = async (): Promise<void> => {
  while (!(await sill.storage()).runsOffline) await new Promise((resolve) => setTimeout(resolve, 100));
};

export const imported = async (model: string): Promise<void> => {
  const isThere = async () => (await sill.models.list()).some(({ id, state }) => id === model && state === 'installed');
  while (!(await isThere())) {
    const { unfinished } = await sill.imports.list();
    const failed = unfinished.find(({ error }) => error);
    if (failed) throw new Error(JSON.stringify(failed.error));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

/** Nothing on the page says that it is looking. */
export const settled = async (): Promise<void> => {
  const texts = (root: Document | ShadowRoot): string =>
    [...root.querySelectorAll('*')]
      .map((element) =>
        element.shadowRoot ? texts(element.shadowRoot) : element.getAttribute('role') === 'status' ? element.textContent : '',
      )
      .join('\n');
  while (/^\s*(Looking|Loading|Reading|Starting)/m.test(texts(document))) await new Promise((resolve) => setTimeout(resolve, 50));
};

export const widths = () => {
  const { clientWidth, scrollWidth } = document.documentElement;
  return { width: innerWidth, wantsWidth: scrollWidth + innerWidth - clientWidth };
};

export const theme = async (wanted: 'light' | 'dark'): Promise<void> => {
  localStorage.setItem('sill.theme', JSON.stringify(wanted));
  document.documentElement.classList.toggle('wa-dark', wanted === 'dark');
  document.documentElement.classList.toggle('wa-light', wanted === 'light');
  await new Promise((resolve) => setTimeout(resolve, 300));
};

export const mark = (): void => {
  globalThis.walkMark = true;
};

export const begunAnew = async (): Promise<void> => {
  while (!('sill' in globalThis) || globalThis.walkMark) await new Promise((resolve) => setTimeout(resolve, 50));
  const { models, unfinishedBytes } = await sill.storage();
  if (models.length > 0 || unfinishedBytes > 0) throw new Error('something is left');
};
