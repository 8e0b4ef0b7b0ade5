import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import type { Decided } from '../../core/operatorRules.ts';
import type { OperatorReport } from '../../protocol/engineReports.ts';

export const isDecided = (operator: OperatorReport | undefined, what: Decided): boolean => operator?.decides.includes(what) ?? false;

/** Why a form cannot be changed, where that is so. */
export const operatorNote = (operator: OperatorReport | undefined, what: Decided) =>
  isDecided(operator, what)
    ? html`<p class="small quiet" role="note">${msg('The operator of this site decides this. It cannot be changed on this device.')}</p>`
    : nothing;
