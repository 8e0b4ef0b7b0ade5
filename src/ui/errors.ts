import { msg, str } from '@lit/localize';
import type { ErrorCode, ErrorData } from '../core/errors.ts';
import { invalidBundleWords, untrustedBundleWords } from './bundle/faults.ts';
import { carriedFileWords } from './carried-file-words.ts';
import { formatDate, formatSpan } from './format.ts';
import { fileFaultWords, importFaultWords } from './imports/file-faults.ts';
import { lostWords } from './lost-words.ts';
import { refusalWords } from './refusals.ts';
import { benchmarkFaultWords, evaluationFaultWords } from './run-fault-words.ts';

export interface ErrorWords {
  readonly title: string;
  /** What the person can do. */
  readonly advice: string;
}

/** Asked for at each rendering, so that the words follow the language. */
const WORDS: Readonly<Record<ErrorCode, (error: ErrorData) => ErrorWords>> = {
  aborted: () => ({ title: msg('Stopped'), advice: msg('Nothing was lost. You can start again at any time.') }),
  app_outdated: () => ({
    title: msg('This page is an older version of the app'),
    advice: msg(
      'Reload it to get the current one. If this note comes back, the site serves an older version than was here before: tell its operator. What is stored was not touched.',
    ),
  }),
  audio_undecodable: () => ({
    title: msg('This file has no sound that the browser can read'),
    advice: msg('Try another recording, or convert it to WAV, MP3, M4A or Ogg first.'),
  }),
  busy: (error) =>
    evaluationFaultWords(error) ??
    benchmarkFaultWords(error) ??
    (error.details?.conversations === undefined
      ? {
          title: msg('The model is busy'),
          advice: msg('Too much waits for it already. Wait a moment, or stop what you do not need, and try again.'),
        }
      : conversationWords(error.details.conversations)),
  catalog_unavailable: ({ details }) =>
    details?.missingFile === undefined
      ? {
          title: msg('The list of models cannot be reached'),
          advice: msg('Installed models keep working. To install others, check the connection and try again.'),
        }
      : {
          title: msg('The server does not say when a file is missing'),
          advice: msg(
            'Installed models keep working; nothing new can be trusted. Tell the operator of this site: for files that are not there the server has to answer “not found” (404).',
          ),
        },
  chat_template_missing: () => ({
    title: msg('This model does not hold conversations'),
    advice: msg(
      'It continues a text that you begin. Choose a chat model, write the beginning of a text, or make a model from it that brings a template: Models, Adapt.',
    ),
  }),
  chunk_mismatch: () => ({
    title: msg('A downloaded part is not what the publisher described'),
    advice: msg('It was thrown away and nothing installed was changed. Try again; if it happens again, tell the operator of this site.'),
  }),
  chunk_unavailable: () => ({
    title: msg('A part of the model cannot be found on the server'),
    advice: msg('What was downloaded is kept. Try again later; if it happens again, tell the operator of this site.'),
  }),
  context_length_exceeded: () => ({
    title: msg('The text is too long for this model'),
    advice: msg('Shorten it, or ask for fewer new tokens, and try again.'),
  }),
  crash_loop: ({ details }) => ({
    title: msg('The model failed again and again'),
    advice: msg(
      str`It is left alone for ${formatSpan(Number(details?.minutes ?? 1) * 60)}, so that it does not take the device with it. Close other tabs and programs, or install a smaller variant or model. Device tells what happened.`,
    ),
  }),
  device_lost: () => ({
    title: msg('The graphics processor was taken away while the model ran on it'),
    advice: msg('Try again. If it happens again, have the model run on the processor: Models, the model, Run on.'),
  }),
  empty_input: () => ({ title: msg('There is nothing to work on'), advice: msg('Write or choose something first.') }),
  forbidden: (error) =>
    isLocked(error)
      ? { title: msg('This device is locked'), advice: msg('This is for its staff.') }
      : { title: msg('The operator of this site decides this'), advice: msg('It cannot be changed on this device.') },
  frame_unreachable: () => ({
    title: msg('Sill could not be reached in its frame'),
    advice: msg('The page that shows it names another address, or its server does not let that page in. Tell whoever runs the page.'),
  }),
  image_undecodable: () => ({
    title: msg('This file is no picture that the browser can read'),
    advice: msg('Choose a PNG, JPEG, WebP or GIF file.'),
  }),
  insecure_context: () => ({
    title: msg('This page was not opened over a secure connection'),
    advice: msg('Open it over https, or on the machine that serves it.'),
  }),
  installation_damaged: () => ({
    title: msg('The installed model is damaged'),
    advice: msg('Repair it: only the damaged parts are fetched again, and everything that is good stays.'),
  }),
  internal: () => ({
    title: msg('Something went wrong inside Sill'),
    advice: msg('Try again. If it happens again, reload the page; installed models stay.'),
  }),
  invalid_backup: () => ({
    title: msg('This file is no copy of your data'),
    advice: msg('Nothing was changed. Choose a file that was saved under Storage.'),
  }),
  invalid_bundle: invalidBundleWords,
  invalid_catalog: () => ({
    title: msg('The list of models is not readable'),
    advice: msg('Installed models keep working. Tell the operator of this site.'),
  }),
  invalid_manifest: () => ({
    title: msg('The description of this model is not readable'),
    advice: msg('Nothing was changed. Tell the publisher of the model, or update this app.'),
  }),
  invalid_suite: ({ details }) => ({
    title: msg(str`Line ${Number(details?.line ?? 1)} of the suite is no case`),
    advice: msg('Correct the line and save again. What is stored was not changed, and your text stays where it is.'),
  }),
  invalid_request: (error) =>
    fileFaultWords(error) ??
    carriedFileWords(error) ??
    evaluationFaultWords(error) ?? { title: msg('This setting is not possible'), advice: msg('Correct the value that is named below.') },
  model_not_installed: (error) =>
    evaluationFaultWords(error) ??
    benchmarkFaultWords(error) ??
    (error.details?.needs === 'feature-extraction'
      ? {
          title: msg('The suite compares meanings, and no model for that is on the device'),
          advice: msg('Install one that searches by meaning in Models, then run the suite again.'),
        }
      : error.details?.needs === 'documents'
        ? {
            title: msg('Your documents cannot be looked through yet'),
            advice: msg(
              'Install a model that searches by meaning, then try again; or attach a text file, whose beginning is given without one.',
            ),
          }
        : {
            title: msg('This model is not on the device'),
            advice: msg('Install it in Models, then try again.'),
          }),
  model_too_large: () => ({
    title: msg('The model is larger than what models may take of the memory'),
    advice: msg('Choose a smaller model or variant, or allow models more memory in Device.'),
  }),
  network_unavailable: () => ({
    title: msg('The network cannot be reached'),
    advice: msg('What was downloaded is kept. Connect and continue; installed models work without a network.'),
  }),
  out_of_memory: () => ({
    title: msg('The device ran out of memory'),
    advice: msg('Close other tabs, unload other models, or choose a smaller model or variant.'),
  }),
  quota_exceeded: (error) => evaluationFaultWords(error) ?? { title: msg('There is not enough space'), advice: spaceAdvice(error) },
  revision_refused: () => ({
    title: msg('This version is not used on this device'),
    advice: msg('It failed its test here, or its publisher took it back. The version that is installed keeps working.'),
  }),
  runtime_failed: () => ({
    title: msg('The model could not be run'),
    advice: msg('Try again. If it fails again, verify the model, or install another variant of it.'),
  }),
  source_changed: () => ({
    title: msg('A model was replaced where it comes from'),
    advice: msg(
      'It is not what this device saw first, and nothing of it was installed. What is installed keeps working. Ask whoever runs the source.',
    ),
  }),
  source_not_allowed: () => ({
    title: msg('This site does not allow models from there'),
    advice: msg('Its operator decides where models may come from. Choose one of the sources that are listed.'),
  }),
  stale_catalog: ({ details }) => ({
    title:
      typeof details?.expiredAtMs === 'number'
        ? msg(str`The list of models has been out of date since ${formatDate(details.expiredAtMs)}`)
        : msg('The list of models is out of date'),
    advice: msg(
      'Installed models keep working; nothing new is accepted. Check the clock of this device. If it is right, tell the operator of this site.',
    ),
  }),
  storage_erased: () => ({
    title: msg('Everything on this device was erased'),
    advice: msg('It was asked for in another tab or in the browser. Reload this page to begin anew.'),
  }),
  storage_unavailable: () => ({
    title: msg('The browser refuses to store anything'),
    advice: msg('Leave private browsing, allow this site to store data, or open it in its own tab.'),
  }),
  unknown_model: () => ({ title: msg('There is no such model'), advice: msg('Choose one from the list in Models.') }),
  unsupported_device: () => ({
    title: msg('This device cannot run it'),
    advice: msg('See Device for what is missing, update the browser, or choose another model or variant.'),
  }),
  unsupported_schema: ({ details }) => ({
    title: msg('The answer cannot be held to this schema'),
    advice: details?.keyword
      ? msg(str`It uses “${String(details.keyword)}”, which cannot be guaranteed. Leave that out, or say it another way.`)
      : msg('It is too large, or too involved. Ask for less at once.'),
  }),
  unsupported_task: () => ({
    title: msg('This model does something else'),
    advice: msg('Choose a model that was made for this task.'),
  }),
  untrusted_bundle: untrustedBundleWords,
  untrusted_catalog: ({ details }) => refusalWords(details?.attack),
  timed_out: ({ details }) =>
    details?.check === undefined
      ? {
          title: msg('It took longer than was allowed'),
          advice: msg('The page had set a limit for it. Try again, or ask for less at once.'),
        }
      : {
          title: msg('The test of the new version did not get on'),
          advice: msg('It is tried again later, when the device has less to do. The version that is installed keeps working.'),
        },
  upstream_failed: () => ({
    title: msg('The computer that answers for this model failed'),
    advice: msg('Try again in a moment, or choose a model of this device. If it goes on, tell the operator of this site.'),
  }),
  worker_lost: lostWords,
};

/** Words for a code. A code that a newer engine invented is told by its own message. */
export function errorWords(error: ErrorData): ErrorWords {
  const words: ((error: ErrorData) => ErrorWords) | undefined = WORDS[error.code];
  return importFaultWords(error) ?? words?.(error) ?? { title: error.message, advice: '' };
}

/** A kiosk that works as it should: nothing failed, and another try changes nothing. */
export const isLocked = ({ code, details }: ErrorData): boolean => code === 'forbidden' && details?.reason === 'locked';

/** Words for a lost network speak of downloads; where only the list of models is missing, they are about that. */
export const ofCatalog = (error: ErrorData): ErrorData =>
  error.code === 'network_unavailable' ? { ...error, code: 'catalog_unavailable' } : error;

/** Only a download keeps what it has: of it alone the sizes are known. */
function spaceAdvice({ details }: ErrorData): string {
  if (details?.nothingKept === true)
    return msg('Remove a model that you do not need, or free space on the device, then import the file again. Nothing of it was kept.');
  if (details?.sizeBytes !== undefined || details?.neededBytes !== undefined)
    return msg('Remove a model that you do not need, or free space on the device, then continue. What was downloaded is kept.');
  return msg('Remove a model that you do not need, or free space on the device, then try again. What was stored before is kept.');
}

/** Of what another tab did to conversations meanwhile. */
const conversationWords = (what: unknown): ErrorWords =>
  what === 'gone'
    ? {
        title: msg('This conversation was deleted in another tab'),
        advice: msg('What was written here last was not stored. Begin another conversation, or have it kept where that is offered.'),
      }
    : what === 'locked'
      ? {
          title: msg('A passphrase was set, changed or removed in another tab'),
          advice: msg('What was written here last was not stored. Unlock the conversations and try again.'),
        }
      : {
          title: msg('Another tab is writing to the same conversations'),
          advice: msg('Nothing was changed. Try again in a moment.'),
        };
