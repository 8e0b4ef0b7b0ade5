import { counted } from '../../core/counted.ts';
import { SillError } from '../../core/errors.ts';
import type { Narrowing } from '../../core/narrowing.ts';
import type { Need } from './guests.ts';

export const notAdmitted = (origin: string, state: 'ask' | 'refused'): SillError =>
  new SillError(
    'forbidden',
    state === 'ask'
      ? `${origin} was not let in yet: the person in front of the page is asked first.`
      : `${origin} may not use Sill here. Its operator can name it under "guests" in sill.policy.json, unless it was shut out on this device under Manage, Embedding.`,
    { details: { origin, state } },
  );

export const nothingToNarrow = (origin: string): SillError =>
  new SillError('invalid_request', `${origin} was granted nothing that could be taken away: neither by the policy nor by a person.`, {
    details: { origin },
  });

export const wouldWiden = (origin: string, field: keyof Narrowing): SillError =>
  new SillError(
    'invalid_request',
    `${origin} was granted less than that ("${field}"). Here a grant can only be narrowed; the operator widens it in sill.policy.json.`,
    { details: { origin, field } },
  );

export const notGranted = (origin: string, right: Need['right']): SillError =>
  new SillError(
    'forbidden',
    right === 'never'
      ? 'What belongs to the person in front of the page is for the app itself, and for no page that embeds it.'
      : `${origin} may ask models and no more. For this the operator has to give it the right "${right}" in sill.policy.json.`,
    { details: { origin, right } },
  );

export const notThisModel = (origin: string, model: string): SillError =>
  new SillError(
    'forbidden',
    `${origin} may not use ${model}. The operator names the models of each guest in sill.policy.json, and a person may have taken some away under Manage, Embedding.`,
    {
      details: { origin, model },
    },
  );

export const tooOften = (origin: string, requestsPerMinute: number, retryAfterSeconds: number): SillError =>
  new SillError(
    'busy',
    `${origin} may send ${counted(requestsPerMinute, 'request')} a minute. Try again in ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}.`,
    { details: { origin, requestsPerMinute, retryAfterSeconds } },
  );

export const usedUp = (origin: string, tokensPerDay: number): SillError =>
  new SillError('busy', `${origin} has used its ${tokensPerDay} tokens of today on this device. There are new ones after midnight (UTC).`, {
    details: { origin, tokensPerDay },
  });
