document.title = `Sill ${__SILL_VERSION__}`;
