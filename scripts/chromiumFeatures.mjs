// Features of Chromium that tests and benchmarks run without.

/** Its own user interface loads pages for the address bar behind each start: two seconds of a processor, and 160 MB. */
export const INTERFACE_FEATURES = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** What Playwright turns off by itself: of several such flags Chromium takes the last alone. `tools/chromiumFeatures.test.ts` compares it with Playwright's. */
const PLAYWRIGHT_FEATURES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
];

/** A flag for a Chromium that Playwright starts. */
export const WITHOUT_INTERFACE = `--disable-features=${[...PLAYWRIGHT_FEATURES, ...INTERFACE_FEATURES].join(',')}`;
