import { registerTranslation, type Translation } from '@awesome.me/webawesome/dist/utilities/localize.js';

/** What the components that we use say by themselves: the library has no Greek. What is missing here it says in English. */
const words: Partial<Translation> & Pick<Translation, '$code' | '$name' | '$dir'> = {
  ...{ $code: 'el', $name: 'Ελληνικά', $dir: 'ltr' },
  clearEntry: 'Καθαρισμός πεδίου',
  close: 'Κλείσιμο',
  copied: 'Αντιγράφηκε',
  copy: 'Αντιγραφή',
  error: 'Σφάλμα',
  loading: 'Φόρτωση',
  numCharacters: (count) => (count === 1 ? '1 χαρακτήρας' : `${count} χαρακτήρες`),
  numCharactersRemaining: (count) => (count === 1 ? 'Απομένει 1 χαρακτήρας' : `Απομένουν ${count} χαρακτήρες`),
  numOptionsSelected: (count) => (count === 1 ? 'Επιλέχθηκε 1' : `Επιλέχθηκαν ${count}`),
  progress: 'Πρόοδος',
  remove: 'Αφαίρεση',
};
registerTranslation(words);
