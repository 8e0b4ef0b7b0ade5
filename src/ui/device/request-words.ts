import { msg, str } from '@lit/localize';
import type { AskedBy, RequestKind, RequestReport } from '../../protocol/requests.ts';
import { formatDuration, formatNumber, plural } from '../format.ts';
import { tokensWords } from '../words.ts';

export const kindWords = (kind: RequestKind): string =>
  ({
    chat: msg('Conversation'),
    text: msg('Text'),
    embedding: msg('Vectors'),
    transcription: msg('Transcription'),
    task: msg('Run'),
    search: msg('Search'),
    evaluation: msg('Evaluation'),
    benchmark: msg('Benchmark'),
  })[kind];

export const askedByWords = (by: AskedBy): string =>
  ({
    tab: () => msg('A tab of this app'),
    http: () => msg('A client of the HTTP APIs'),
    frame: () => (by.kind === 'frame' ? by.origin : ''),
  })[by.kind]();

export const stateWords = ({ state, tokens, kind }: RequestReport): string =>
  ({
    waiting: msg('waits'),
    running: tokens === undefined && (kind === 'chat' || kind === 'text') ? msg('begins') : msg('runs'),
    done: msg('done'),
    failed: msg('failed'),
    cancelled: msg('cancelled'),
  })[state];

/** What is known of it in figures. */
export function figureWords({ before, tokens, tokensPerSecond, ttftMs, tookMs }: RequestReport): readonly string[] {
  return [
    ...(before === undefined
      ? []
      : [
          before === 0
            ? msg('next in line')
            : plural(before, msg('1 before it in line'), msg(str`${formatNumber(before)} before it in line`)),
        ]),
    ...(tokens === undefined ? [] : [tokensWords(tokens)]),
    ...(tokensPerSecond === undefined ? [] : [msg(str`${formatNumber(tokensPerSecond, 1)} tokens/s`)]),
    ...(ttftMs === undefined ? [] : [msg(str`first token after ${formatDuration(ttftMs / 1000)}`)]),
    formatDuration(tookMs / 1000),
  ];
}
