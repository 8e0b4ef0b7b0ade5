import { msg } from '@lit/localize';
import type { FaultCode } from '../../core/kiosk/recovery.ts';
import type { KioskTask } from '../../core/kiosk/rules.ts';

export interface TaskWords {
  /** Over the screen, where the operator says nothing else. */
  readonly title: string;
  /** What one does there. */
  readonly invitation: string;
}

export const taskWordsOf = (task: KioskTask): TaskWords =>
  ({
    chat: () => ({ title: msg('Ask me something'), invitation: msg('Write a question and get an answer.') }),
    write: () => ({ title: msg('Write a story with me'), invitation: msg('Begin a text and let it be gone on with.') }),
    search: () => ({ title: msg('Find what you are looking for'), invitation: msg('Say in your own words what you want to know.') }),
    transcribe: () => ({ title: msg('Speak, and read what you said'), invitation: msg('Speak into the microphone.') }),
    run: () => ({ title: msg('Try it'), invitation: msg('Put something in and see what comes out.') }),
  })[task]();

export interface FaultWords {
  readonly title: string;
  /** What the device does by itself, for somebody who wants to use it. */
  readonly meanwhile: string;
  /** For whoever is called. */
  readonly staff: string;
}

export function faultWords(fault: FaultCode): FaultWords {
  const repaired = msg('This device is being repaired');
  const again = msg('It tries again by itself. Please come back in a few minutes.');
  return {
    E1: () => ({ title: repaired, meanwhile: again, staff: msg('The engine cannot be started. Restart the browser if this stays.') }),
    S1: () => ({
      title: repaired,
      meanwhile: again,
      staff: msg('The browser cannot store anything, or what is stored cannot be deleted. Look at the disk; restart the browser.'),
    }),
    S2: () => ({
      title: msg('This device is being set up again'),
      meanwhile: msg('What it needs was deleted and is being fetched. Please come back later.'),
      staff: msg('The browser removed what was installed. With a network it comes back by itself; else import a bundle.'),
    }),
    M1: () => ({
      title: msg('This device is being set up'),
      meanwhile: msg('What it needs is being fetched. It begins by itself when everything is here.'),
      staff: msg('The model is being downloaded.'),
    }),
    M2: () => ({
      title: msg('This device is not set up yet'),
      meanwhile: msg('Please ask somebody who works here.'),
      staff: msg('The model is not on the device. Name it under devices.install or kiosk.model, or import a bundle.'),
    }),
    M3: () => ({
      title: repaired,
      meanwhile: again,
      staff: msg('The model is damaged. With a network its parts are fetched again; else import a bundle.'),
    }),
    M4: () => ({
      title: repaired,
      meanwhile: again,
      staff: msg('The model cannot be made to run. Device, What happened tells why.'),
    }),
    D1: () => ({
      title: msg('This device is not set up yet'),
      meanwhile: msg('Please ask somebody who works here.'),
      staff: msg('There are no documents to search in. Give the PIN and add them.'),
    }),
    P1: () => ({
      title: msg('This device is not set up yet'),
      meanwhile: again,
      staff: msg('sill.policy.json cannot be read, and no model is here. Mend the file, or import a bundle.'),
    }),
  }[fault]();
}
