import { html, nothing } from 'lit';
import type { Content, Reading } from '../chat/markdown.ts';
import { routeHref } from '../routes.ts';
import { GUIDES, type Guide, guideFile } from './guides.ts';

/** The guide that a link within one leads to; absent where it leads to a file that the app does not have. */
export function guideLinked(from: Guide, address: string): Guide | undefined {
  const file = new URL(address, `file:///${guideFile(from)}`).pathname.slice(1);
  return GUIDES.find((name) => guideFile(name) === file);
}

const heading = (level: number, inside: Content) =>
  level === 1 ? html`<h2>${inside}</h2>` : level === 2 ? html`<h3>${inside}</h3>` : html`<h4>${inside}</h4>`;

/** How a guide of Sill's own is read: links lead to the other guides, and what is not on the device is named and not fetched. */
export const guideReading = (guide: Guide): Reading => ({
  softbreak: () => ' ',
  heading,
  link(address, inside) {
    if (/^https?:/.test(address)) return html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow">${inside}</a>`;
    const to = guideLinked(guide, address);
    // A heading of the same guide, or a record of the source.
    return to === undefined || to === guide ? html`${inside}` : html`<a href=${routeHref('help', { guide: to })}>${inside}</a>`;
  },
  picture: () => nothing,
});
