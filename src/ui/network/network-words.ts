import { msg } from '@lit/localize';
import type { NetworkLine, Purpose, Realm } from '../../core/network.ts';

export const realmWords = (realm: Realm): string =>
  ({
    page: msg('Page'),
    frame: msg('Embedded page'),
    engine: msg('Engine'),
    download: msg('Downloads'),
    verifier: msg('Checking of lists'),
    inference: msg('Model'),
    grammar: msg('Forms of answers'),
    forge: msg('Rewriting of models'),
    quantiser: msg('Rewriting of weights'),
    weights: msg('Reading of weights'),
    'service-worker': msg('Service worker'),
  })[realm];

export const purposeWords = (purpose: Purpose): string =>
  ({
    shell: msg('The app itself'),
    runtime: msg('Model runtime'),
    catalog: msg('List of models'),
    model: msg('Model files'),
    policy: msg('Rules of the operator'),
    upstream: msg('An answer by another computer'),
    source: msg('A model from another source'),
    api: msg('The API of this app'),
    other: msg('Something else'),
  })[purpose];

export const fromWords = (from: NetworkLine['from']): string =>
  ({
    network: msg('Network'),
    device: msg('This device'),
    unclear: msg('Network or this device'),
    failed: msg('Failed'),
    open: msg('Not ended'),
  })[from];

export const throughWords = (through: NetworkLine['through']): string =>
  ({
    door: msg('Asked by the app'),
    observed: msg('Loaded by the browser for the app'),
    witness: msg('Seen by the service worker'),
  })[through];
