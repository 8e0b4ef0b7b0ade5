import { expect, type Locator, type Page } from '@playwright/test';
import { isManaged, ROUTES, type RouteId } from '../../src/ui/routes.ts';

/** Views are named as their routes, in English. */
export type View = Capitalize<RouteId>;

const routeOf = (view: View): RouteId => ROUTES.find((route) => route === view.toLowerCase()) ?? 'models';
const viewOf = (route: RouteId): View => `${route[0]?.toUpperCase()}${route.slice(1)}` as View;

export const VIEWS: readonly View[] = ROUTES.map(viewOf);

export async function open(page: Page, view: View): Promise<void> {
  const group = isManaged(routeOf(view)) ? 'Manage' : 'Main';
  // On a phone the group lies in a sheet that its button opens.
  const more = page.getByRole('button', { name: 'Manage' });
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  if (group === 'Manage' && (await more.isVisible())) await more.click();
  await page
    .getByRole('navigation', { name: group })
    .getByRole('link', { name: new RegExp(`^${view}`) })
    .click();
  await page.getByRole('heading', { name: view, level: 1 }).waitFor();
}

/** What a view shows while it asks the engine is gone. */
export async function settled(page: Page): Promise<void> {
  await expect(
    page.getByText(
      /^(Looking at the device…|Looking at what is stored…|Looking for installed models…|Loading the list of models…|Looking for versions…|Starting…)$/,
    ),
  ).toHaveCount(0);
}

/** A model's card in the Models view. */
export const card = (page: Page, model: string): Locator => page.getByRole('article', { name: model });

/** The dialog that is open: its content is slotted, so that it lies in the host, not in the element with the role. */
export const openDialog = (page: Page): Locator => page.locator('wa-dialog[open]');

/** The question before an install, answered with yes. */
export async function acceptInstall(page: Page, model: string): Promise<void> {
  await page.getByRole('dialog', { name: `Install ${model}?` }).waitFor();
  await openDialog(page).getByRole('checkbox', { name: 'I accept the licence' }).click();
  await openDialog(page)
    .getByRole('button', { name: /^Install \d/ })
    .click();
}
