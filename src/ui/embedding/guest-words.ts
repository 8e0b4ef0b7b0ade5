import { msg, str } from '@lit/localize';
import type { Right } from '../../core/guests.ts';
import type { GuestSummary } from '../../protocol/guests.ts';
import { formatList, formatNumber } from '../format.ts';

/** How a guest stands, and through whom. */
export function stateWords({ state, by, narrowed }: GuestSummary): string {
  if (narrowed?.refused) return msg('Shut out on this device');
  if (state === 'granted') return by === 'operator' ? msg('Let in by the operator') : msg('Let in by you');
  return by === 'operator' ? msg('Refused by the operator') : msg('Refused by you');
}

export const modelsWords = (models: readonly string[] | undefined): string =>
  models === undefined ? msg('every model') : models.length === 0 ? msg('none') : formatList(models);

export const requestsWords = (perMinute: number): string => msg(str`${formatNumber(perMinute)} a minute`);

export const tokensWords = (perDay: number | undefined): string =>
  perDay === undefined ? msg('as many as it likes') : msg(str`${formatNumber(perDay)} a day`);

export const rightWords = (right: Right): string =>
  right === 'install' ? msg('put models onto the device') : msg('manage models, updates and downloads');

export const rightsWords = (rights: readonly Right[]): string => formatList([msg('ask models'), ...rights.map(rightWords)]);
