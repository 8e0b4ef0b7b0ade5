import { html, type TemplateResult } from 'lit';
import type { KioskScreen, KioskTask } from '../../core/kiosk/rules.ts';
import type { Sill } from '../../protocol/sill.ts';
import type { Activity } from '../activity.ts';

interface TaskProps {
  readonly sill: Sill;
  readonly activity: Activity;
  readonly screen: KioskScreen;
  readonly model: string;
}

interface TaskElement {
  /** Each comes when a kiosk is for it. */
  readonly load: () => Promise<unknown>;
  readonly render: (props: TaskProps) => TemplateResult;
}

const chat: TaskElement = {
  load: () => import('./kiosk-chat.ts'),
  render: ({ sill, activity, screen, model }) =>
    html`<sill-kiosk-chat .sill=${sill} .activity=${activity} .screen=${screen} model=${model}></sill-kiosk-chat>`,
};

export const TASK_ELEMENTS: Readonly<Record<KioskTask, TaskElement>> = {
  chat,
  write: chat,
  search: {
    load: () => import('./kiosk-search.ts'),
    render: ({ sill, activity, model }) => html`<sill-kiosk-search .sill=${sill} .activity=${activity} model=${model}></sill-kiosk-search>`,
  },
  transcribe: {
    load: () => import('./kiosk-transcribe.ts'),
    render: ({ sill, activity, model }) =>
      html`<sill-kiosk-transcribe .sill=${sill} .activity=${activity} model=${model}></sill-kiosk-transcribe>`,
  },
  run: {
    load: () => import('./kiosk-run.ts'),
    render: ({ sill, activity, model }) => html`<sill-kiosk-run .sill=${sill} .activity=${activity} model=${model}></sill-kiosk-run>`,
  },
};
