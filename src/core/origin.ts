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
