import * as v from 'valibot';
import { toSrt, toVtt } from '../../core/captions.ts';
import type { Transcription } from '../../protocol/openai.ts';
import { wrongParam } from './ask.ts';
import { DONE, event, eventStream } from './events.ts';
import { TRANSCRIPTION_FIELDS, usedFields } from './fields.ts';
import { OVER } from './marks.ts';
import { formBody } from './multipart.ts';
import { json, type Whole } from './reply.ts';
import type { Route } from './route.ts';

const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;

const TYPES = {
  ...{ json: 'application/json', verbose_json: 'application/json' },
  ...{ text: 'text/plain; charset=utf-8', srt: 'text/plain; charset=utf-8', vtt: 'text/vtt; charset=utf-8' },
} as const satisfies Record<(typeof FORMATS)[number], string>;

const FormSchema = v.object({
  file: v.pipe(
    v.instance(Blob, 'must be a file'),
    v.check(({ size }) => size > 0, 'is empty'),
  ),
  response_format: v.optional(v.picklist(FORMATS, `must be one of ${FORMATS.join(', ')}`), 'json'),
  stream: v.optional(
    v.pipe(
      v.picklist(['true', 'false']),
      v.transform((text) => text === 'true'),
    ),
    'false',
  ),
  timestamp_granularities: v.optional(v.array(v.literal('segment', 'must be "segment": words have no times here')), []),
});

const transcribe =
  (translate: boolean): Route =>
  async (incoming, { ask, reply, signal, marks, decodeAudio }) => {
    const fields = usedFields(await formBody(incoming), TRANSCRIPTION_FIELDS, 'refused');
    const parsed = v.safeParse(FormSchema, fields);
    if (!parsed.success) throw wrongParam(parsed.issues[0]);
    const { file, response_format: format, stream } = parsed.output;
    const { model, language, keep_alive, service_tier } = fields;
    const request = { model, language, keep_alive, service_tier, translate, audio: await decodeAudio(file, signal) };
    if (!stream) {
      const { accepted } = reply.whole(TYPES[format]);
      const result = await ask('audio.transcriptions.create', request, { signal, onItem: async () => accepted() });
      return written(result, format, { language, translate });
    }

    const events = eventStream(reply);
    let told = marks.map((mark) => mark.told ?? '').join('');
    /** What was said since; a passage that was heard anew is told at the end. */
    const tell = async (text: string): Promise<void> => {
      if (!text.startsWith(told) || text === told) return;
      const delta = text.slice(told.length);
      told = text;
      await events.send(event({ type: 'transcript.text.delta', delta }), { told: delta });
    };
    const result = await ask('audio.transcriptions.create', request, {
      signal,
      onItem: ({ segments }) => tell(textOf(segments).trim()),
    });
    await tell(result.text);
    await events.send(event({ type: 'transcript.text.done', text: result.text, usage: usageOf(result) }) + DONE, OVER);
    return undefined;
  };

/** `POST v1/audio/transcriptions`. */
export const transcriptions = transcribe(false);
/** `POST v1/audio/translations`: into English. */
export const translations = transcribe(true);

const textOf = (segments: Transcription['segments']): string => segments.map(({ text }) => text).join('');
const usageOf = ({ duration }: Transcription) => ({ type: 'duration', seconds: Math.ceil(duration) });

function written(
  result: Transcription,
  format: (typeof FORMATS)[number],
  { language, translate }: { readonly language: unknown; readonly translate: boolean },
): Whole {
  const plain = (body: string): Whole => ({ headers: { 'content-type': TYPES[format], 'cache-control': 'no-store' }, body });
  if (format === 'text') return plain(`${result.text}\n`);
  if (format === 'srt') return plain(toSrt(result.segments));
  if (format === 'vtt') return plain(toVtt(result.segments));
  if (format === 'json') return json({ text: result.text, usage: usageOf(result), sill: result.sill });
  const { text, duration, segments, sill } = result;
  return json({
    task: translate ? 'translate' : 'transcribe',
    ...(typeof language === 'string' ? { language } : {}),
    ...{ duration, text, segments, usage: usageOf(result), sill },
  });
}
