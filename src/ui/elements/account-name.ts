import { html } from 'lit';

/** What a password manager files a passphrase under: a form without it is complained of in the console. */
export const accountName = () => html`<input type="text" name="username" autocomplete="username" value="Sill" hidden />`;
