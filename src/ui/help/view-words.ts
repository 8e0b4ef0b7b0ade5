import { msg } from '@lit/localize';
import type { RouteId } from '../routes.ts';

/** What each view is for, in one sentence. */
export const viewWords = (route: RouteId): string =>
  ({
    chat: () => msg('Conversations with a model, kept here, with a passphrase if you like.'),
    write: () => msg('You begin a text, a model goes on with it.'),
    search: () => msg('Finds passages of your documents by what they mean.'),
    transcribe: () => msg('Writes down what is said in a recording.'),
    run: () => msg('Models of all other tasks: classifying, translating, looking at pictures.'),
    overview: () => msg('Whether all is well, and what needs you.'),
    models: () => msg('What is installed, what can be, and bundles to carry models on a stick.'),
    import: () => msg('Makes a model of a GGUF file that you have.'),
    downloads: () => msg('What is on its way, how fast, and how much it may take.'),
    versions: () => msg('What was and is in use of a model, and the way back.'),
    updates: () => msg('What is on offer, and what this device does about it by itself.'),
    benchmarks: () => msg('How fast a model is here, and how that compares.'),
    evaluations: () => msg('Whether a model still answers as it should.'),
    embedding: () => msg('Which pages of other sites may ask the models here.'),
    storage: () => msg('What is stored, freeing space, a copy of your own data, erasing everything.'),
    device: () => msg('What this device can do, what is in memory, and the kiosk.'),
    log: () => msg('What happened, without anything you wrote.'),
    network: () => msg('Every request that the app made.'),
    settings: () => msg('Language, appearance, keys, notifications, and what the device does by itself.'),
    help: () => msg('This page.'),
  })[route]();
