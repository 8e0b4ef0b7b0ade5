import { msg, str } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { askedIn, routeHref } from '../routes.ts';

/** To where a model that was imported is asked: they all write. */
export function useLink(model: Pick<ModelSummary, 'id' | 'name' | 'task' | 'holdsConversations'>): TemplateResult {
  const [view, { id, name }] = [askedIn(model), model];
  return html`<a href=${routeHref(view, { model: id })}>${view === 'chat' ? msg(str`Chat with ${name}`) : msg(str`Write with ${name}`)}</a>`;
}
