import { SILL } from './config.js';

const story = document.querySelector('#story');
const button = document.querySelector('#continue');
const stop = document.querySelector('#stop');
const status = document.querySelector('#status');

// The conversation: an element, and nothing more.
document.querySelector('sill-chat').setAttribute('model', 'stories15m');

// The API: no view, streamed into this page's own text.
try {
  // Defines the element, too.
  const { connect } = await import(`${SILL}sdk/sill.js`);
  const sill = await connect(document.body, { src: SILL, model: 'stories15m' });
  // For the console, and for whoever tries it out.
  globalThis.sill = sill;
  sill.on('state', (state) => {
    status.textContent = state;
  });
  status.textContent = sill.state;
  button.disabled = false;

  button.addEventListener('click', async () => {
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = false;
    button.disabled = true;
    try {
      const chunks = await sill.completions.create({ prompt: story.textContent, max_tokens: 60, stream: true }, { signal: abort.signal });
      for await (const { choices } of chunks) story.textContent += choices[0]?.text ?? '';
      status.textContent = 'ready';
    } catch (error) {
      status.textContent = error.code === 'aborted' ? 'stopped' : error.message;
    } finally {
      stop.hidden = true;
      button.disabled = false;
    }
  });
} catch (error) {
  // Whatever fails in Sill has a code; what has none is a module that did not come.
  status.textContent = error.code === undefined ? `Sill was not found at ${SILL}: ${error.message}` : `${error.code}: ${error.message}`;
}
