#!/usr/bin/env -S gjs -m
// A WebKitGTK window that WebKitWebDriver drives. MiniBrowser would do, but for two things: under a driver it keeps nothing on disk, as a private window,
// and its tool bar is wider than a phone. The first argument is the folder to keep things in; without it nothing is kept.
import Gtk from 'gi://Gtk?version=3.0';
import WebKit from 'gi://WebKit2?version=4.1';
import system from 'system';

Gtk.init(null);
const [folder] = system.programArgs;

const website_data_manager =
  folder === undefined
    ? WebKit.WebsiteDataManager.new_ephemeral()
    : new WebKit.WebsiteDataManager({ base_data_directory: `${folder}/data`, base_cache_directory: `${folder}/cache` });
const web_context = new WebKit.WebContext({ website_data_manager });
web_context.set_automation_allowed(true);

const settings = new WebKit.Settings({ enable_write_console_messages_to_stdout: true });
/** What Safari has, and WebKitGTK can do and does not by default: so a window that keeps things is like Safari's, and one that does not like GNOME Web's. */
const OF_SAFARI = ['StorageAPI', 'StorageAPIEstimate', 'FileSystem', 'FileSystemWritableStream'];
const features = WebKit.Settings.get_all_features();
for (let at = 0; at < features.get_length(); at++) {
  const feature = features.get(at);
  if (OF_SAFARI.includes(feature.get_identifier())) settings.set_feature_enabled(feature, folder !== undefined);
}

const openView = () => {
  const view = new WebKit.WebView({ web_context, is_controlled_by_automation: true });
  view.set_settings(settings);
  const window = new Gtk.Window({ decorated: false, default_width: 1280, default_height: 800 });
  window.add(view);
  view.connect('close', () => window.destroy());
  window.show_all();
  return view;
};

web_context.connect('automation-started', (_context, session) => {
  const info = new WebKit.ApplicationInfo();
  info.set_name('Sill');
  info.set_version(WebKit.get_major_version(), WebKit.get_minor_version(), WebKit.get_micro_version());
  session.set_application_info(info);
  session.connect('create-web-view', openView);
});
// WebKit begins automation with the first view of its context.
openView();
Gtk.main();
