import { html, type TemplateResult } from 'lit';
import { ROUTE_WORDS } from './route-words.ts';
import type { RouteId } from './routes.ts';

/** How a view begins. Comes with the frame of the app, so that it stands there before the view does. */
export function viewHead(route: RouteId): TemplateResult {
  const { label, lead } = ROUTE_WORDS[route];
  return html`<div class="head"><h1>${label()}</h1><p>${lead?.()}</p></div>`;
}
