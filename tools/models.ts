import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isAbort, SillError } from '../src/core/errors.ts';
import { ensureModels } from './models/ensure.ts';
import { EXTRAS, isExtra } from './models/extras.ts';
import { ensureTestSources } from './models/testSources.ts';
import { signCheckout } from './publisher/checkout.ts';
import { askPassphrase } from './publisher/passphrase.ts';
import { DEFAULT_PLACES } from './publisher/publisher.ts';
import { PublisherError } from './publisher/publisherError.ts';

const USAGE = `Usage: tsx tools/models.ts [--with tinyllama] [--with-reference]

Fetches the starter models once, converts them, writes public/models/ and signs their catalog. Run again at any time: it goes on
where it stopped, and renews signatures that are about to expire.
  --with tinyllama   also a chat model of 1.1 billion parameters: 318 MB to fetch, and minutes to convert
  --with-reference   also build the unquantised stories15m that tests compare with, and fetch models that only tests use`;

const { values } = parseArgs({
  options: { with: { type: 'string', multiple: true }, 'with-reference': { type: 'boolean' }, help: { type: 'boolean' } },
});
const say = (line: string): void => console.log(line);

// Once: a second Ctrl-C ends the process at once, as ever.
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
try {
  if (values.help) say(USAGE);
  else {
    const asked = values.with ?? [];
    const unknown = asked.find((name) => !isExtra(name));
    if (unknown !== undefined) throw new PublisherError('usage', `There is no model "${unknown}" to add. There are: ${EXTRAS.join(', ')}.`);
    await ensureModels('starters', say, stop.signal, asked.filter(isExtra));
    await signCheckout({ ...DEFAULT_PLACES, backup: '.sill/metadata', ask: askPassphrase(), now: Date.now }, say);
    if (values['with-reference']) {
      await ensureModels('references', say, stop.signal);
      await ensureTestSources(say, stop.signal);
    }
  }
} catch (reason) {
  if (isAbort(reason)) {
    console.error('Stopped. What has arrived is kept: run the command again to go on.');
    process.exitCode = 130;
  } else {
    // A known failure says what to do; anything else is a fault of ours and shows where.
    console.error(reason instanceof SillError || reason instanceof PublisherError ? reason.message : reason);
    process.exitCode = 1;
  }
}
