import { SillError } from '../../core/errors.ts';
import { hexOf } from '../../core/ids.ts';
import { commandsOf, type Instruction } from '../../core/modelfile/reader.ts';
import { styleOfTemplate } from '../../core/toolUse.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import { aliasAsShown, aliasAsTag, usedAliases } from './aliases.ts';
import { line, lines } from './events.ts';
import { OLLAMA_PULL_FIELDS, usedFields } from './fields.ts';
import { type InstalledModel, installedModels } from './installed.ts';
import { OVER } from './marks.ts';
import { isStreamed, modelName } from './ollamaRequest.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import type { Route } from './route.ts';

const UNITS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

/** As "15.2M". */
function parameterSize(parameters: number): string {
  const [size, letter] = UNITS.find(([least]) => parameters >= least) ?? [1, ''];
  return `${Number((parameters / size).toFixed(1))}${letter}`;
}

function detailsOf({ id, parameters, fits, installed, derived }: InstalledModel) {
  const base = derived?.base ?? id;
  const family = base.split(/[:/]/).at(-1) ?? base;
  return {
    parent_model: derived?.from ?? '',
    format: 'onnx',
    family,
    families: [family],
    parameter_size: parameterSize(parameters),
    quantization_level: (fits.find(({ variant }) => variant === installed.variant)?.dtype ?? installed.variant).toUpperCase(),
  };
}

const entryOf = (model: InstalledModel) => ({
  name: model.id,
  model: model.id,
  modified_at: new Date(model.installed.installedAtMs).toISOString(),
  size: model.installed.sizeBytes,
  digest: hexOf(model.installed.revision),
  details: detailsOf(model),
});

/** `GET api/tags`. */
export const tags: Route = async (_, { ask, signal }) => {
  const [here, elsewhere] = await Promise.all([installedModels(ask, signal), usedAliases(ask, signal)]);
  return json({ models: [...here.map(entryOf), ...elsewhere.map(aliasAsTag)] });
};

/** `GET api/ps`. */
export const running: Route = async (_, { ask, signal }) => {
  const [{ models }, installed] = await Promise.all([ask('memory', {}, { signal }), installedModels(ask, signal)]);
  return json({
    models: models.flatMap(({ id, state, size, size_vram, expires_at }) => {
      const model = installed.find((each) => each.id === id);
      if (!model || state !== 'loaded') return [];
      const { modified_at: _modified, ...entry } = entryOf(model);
      // Its clients want a date in any case.
      return [{ ...entry, size, size_vram, expires_at: expires_at ?? '9999-12-31T23:59:59Z', context_length: model.contextLength ?? 0 }];
    }),
  });
};

/** `GET api/version`: Sill's own. */
export const versionOf: Route = async (_, { version }) => json({ version });

/**
 * What a client may offer with a model. Tools: if its template teaches them, as Ollama has it. Requests may bring tools to any other as well, which is told
 * of them in words and held to their schemas (docs/decisions/0048).
 */
function capabilitiesOf(task: InstalledModel['task'], template: string): string[] {
  if (task === 'feature-extraction') return ['embedding'];
  if (task !== 'text-generation') return [];
  return ['completion', ...(styleOfTemplate(template) === undefined ? [] : ['tools'])];
}

/** `POST api/show`. */
export const show: Route = async (incoming, { ask, signal }) => {
  const id = modelName(jsonBody(incoming));
  const model = (await installedModels(ask, signal)).find((each) => each.id === id);
  const alias = model ? undefined : (await usedAliases(ask, signal)).find((each) => each.alias === id);
  if (alias) return json(aliasAsShown(alias));
  if (!model) throw new SillError('model_not_installed', `model '${id.slice(0, 200)}' not found: it is not installed on this device.`);
  const { contextLength, licence, parameters, task, installed } = model;
  const modelfile = await ask('models.modelfile', { id: model.id }, { signal });
  const { commands } = commandsOf(modelfile);
  const last = (name: Instruction, among = commands): string => among.findLast((command) => command.name === name)?.value ?? '';
  const base = model.derived?.base;
  // One that is made of another without a template of its own answers by the other's.
  const template =
    last('TEMPLATE') || (base ? last('TEMPLATE', commandsOf(await ask('models.modelfile', { id: base }, { signal })).commands) : '');
  return json({
    license: licence.text,
    modelfile,
    parameters: commands
      .flatMap(({ name, argument, value }) => (name === 'PARAMETER' ? [`${argument.padEnd(30)} ${value}`] : []))
      .join('\n'),
    template,
    system: last('SYSTEM'),
    messages: commands.flatMap(({ name, argument: role, value: content }) => (name === 'MESSAGE' ? [{ role, content }] : [])),
    details: detailsOf(model),
    model_info: {
      'general.architecture': detailsOf(model).family,
      'general.parameter_count': parameters,
      'general.license': licence.spdx,
      'sill.task': task,
      'sill.revision': installed.revision,
      'sill.variant': installed.variant,
      ...(contextLength === undefined ? {} : { [`${detailsOf(model).family}.context_length`]: contextLength }),
    },
    capabilities: capabilitiesOf(task, template),
    modified_at: new Date(installed.installedAtMs).toISOString(),
  });
};

/** `DELETE api/delete`. */
export const remove: Route = async (incoming, { ask, signal, isAgain }) => {
  try {
    await ask('models.remove', { id: modelName(jsonBody(incoming)) }, { signal });
  } catch (reason) {
    // It was there when the first engine was asked, or that one would have said so.
    if (!isAgain || !(reason instanceof SillError) || reason.code !== 'unknown_model') throw reason;
  }
  return { headers: { 'cache-control': 'no-store' }, body: '' };
};

/** `POST api/pull`: installs the model, which accepts its licence. One that is here already is brought up to date. */
export const pull: Route = async (incoming, { ask, reply, signal, marks }) => {
  const request = usedFields(jsonBody(incoming), OLLAMA_PULL_FIELDS, 'ignored');
  const id = modelName(request);
  if (!isStreamed(request)) {
    await ask('models.install', { id }, { signal });
    return json({ status: 'success' });
  }
  const out = lines(reply);
  let told = marks.at(-1)?.told ?? '';
  const tell = async (progress: { readonly status: string; readonly completed?: number }): Promise<void> => {
    const text = line(progress);
    if (text === told) return;
    told = text;
    await out.send(text, { told });
  };
  await ask(
    'models.install',
    { id },
    {
      signal,
      async onItem(progress) {
        // Also of one that goes on where it was: its clients begin with that.
        if (told === '') await tell(MANIFEST);
        await tell(pullLine(id, progress));
      },
    },
  );
  await out.send(line({ status: 'writing manifest' }) + line({ status: 'success' }), OVER);
  return undefined;
};

const MANIFEST = { status: 'pulling manifest' };
const WAITING: Readonly<Record<NonNullable<InstallProgress['waiting']>, string>> = {
  turn: 'waiting for another download',
  metered: 'waiting: the connection costs, allow it in the app',
  network: 'waiting for the network',
};

function pullLine(id: string, { phase, waiting, storedBytes, totalBytes }: InstallProgress) {
  if (waiting) return { status: WAITING[waiting] };
  if (phase === 'downloading') return { status: `pulling ${id}`, digest: id, total: totalBytes, completed: storedBytes };
  if (phase === 'activating') return { status: 'verifying sha256 digest' };
  return phase === 'trying' ? { status: 'trying the new version' } : MANIFEST;
}

/** Chunks are named by what the publisher signed, and models are published, not pushed: see docs/publish.md. */
export const unsupported =
  (what: string): Route =>
  async () => {
    throw new SillError('invalid_request', `${what} is not supported.`, { details: { status: 501 } });
  };
