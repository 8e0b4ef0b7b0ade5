import { msg, str } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import type { ModelSummary } from '../../protocol/modelReports.ts';
import { routeHref } from '../routes.ts';

/** To where a model that writes is asked: one that holds no conversations continues texts. */
export const useLink = ({ id, name, holdsConversations }: Pick<ModelSummary, 'id' | 'name' | 'holdsConversations'>): TemplateResult =>
  holdsConversations
    ? html`<a href=${routeHref('chat', { model: id })}>${msg(str`Chat with ${name}`)}</a>`
    : html`<a href=${routeHref('write', { model: id })}>${msg(str`Write with ${name}`)}</a>`;
