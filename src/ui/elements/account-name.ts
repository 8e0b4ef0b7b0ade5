import { html } from 'lit';
import { isComposing } from '../composing.ts';

/** What a password manager files a passphrase under: a form without it is complained of in the console. */
export const accountName = () => html`<input type="text" name="username" autocomplete="username" value="Sill" hidden />`;

/** For the `keydown` of such a form: with a second field, and no button of the browser's own, a browser no longer submits it by itself. */
export function submitByEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter' && !isComposing(event) && event.target instanceof HTMLInputElement) event.target.form?.requestSubmit();
}
