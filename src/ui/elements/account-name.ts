import { html } from 'lit';

/** What a password manager files a passphrase under: a form without it is complained of in the console. */
export const accountName = () => html`<input type="text" name="username" autocomplete="username" value="Sill" hidden />`;

/** For the `keydown` of such a form: with a second field, and no button of the browser's own, a browser no longer submits it by itself. */
export function submitByEnter({ key, isComposing, target }: KeyboardEvent): void {
  if (key === 'Enter' && !isComposing && target instanceof HTMLInputElement) target.form?.requestSubmit();
}
