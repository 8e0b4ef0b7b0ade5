import * as v from 'valibot';

// A value goes into a header: one that carries a blank, a comma or a semicolon would add directives of its own.
const ORIGIN = /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;

/** An origin as an operator writes it. */
export const OriginSchema = v.pipe(
  v.string(),
  v.regex(ORIGIN, 'expected an origin in lower case, such as https://models.example.org or http://10.0.0.5:8080, without a path'),
);

export const isOrigin = (text: string): text is string => ORIGIN.test(text);

/** As browsers write it: without the port that the scheme has by itself. */
export const canonicalOrigin = (origin: string): string => origin.replace(/^(https:.*):443$/, '$1').replace(/^(http:.*):80$/, '$1');

/** Browsers keep what a frame stores apart by the site of the page around it, scheme included. */
export type SiteRelation = 'same' | 'unknown' | 'other';

/** Whether two origins are of one site, as far as their names tell: where a site ends (`co.uk` is none) is known to browsers alone. */
export function siteOf(origin: string, own: string): SiteRelation {
  const [, scheme, one] = PARTS.exec(origin) ?? [];
  const [, ownScheme, other] = PARTS.exec(own) ?? [];
  if (one === undefined || other === undefined) return 'unknown';
  if (scheme !== ownScheme) return 'other';
  if (one === other) return 'same';
  if (isAddress(one) || isAddress(other)) return 'other';
  if (one.endsWith(`.${other}`) || other.endsWith(`.${one}`)) return 'same';
  const lastTwo = (host: string) => host.split('.').slice(-2).join('.');
  return one.includes('.') && lastTwo(one) === lastTwo(other) ? 'unknown' : 'other';
}

const PARTS = /^(https?):\/\/(\[[^\]]+\]|[^:/]+)/;
const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);
