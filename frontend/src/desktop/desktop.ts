// The only place that knows the desktop window. In a browser every function
// here does its browser twin, or nothing.

/** One message of the program's event bus. */
export interface DesktopEvent {
  kind: string;
  data?: unknown;
}

interface Runtime {
  EventsOn(name: string, receive: (event: DesktopEvent) => void): () => void;
}

/** The program's methods for its window, as app.go has them. */
interface App {
  CopyText(text: string): Promise<void>;
  OpenBrowser(url: string): Promise<void>;
  StartsAtLogin(): Promise<boolean>;
  StartAtLogin(on: boolean): Promise<void>;
  SaveAs(name: string, method: string, path: string, body: string): Promise<boolean>;
}

interface DesktopWindow {
  runtime?: Runtime;
  go?: { main?: { App?: App } };
}

function desktopWindow(): DesktopWindow {
  return window as unknown as DesktopWindow;
}

/** What the window can do beside the admin API; undefined in a browser. */
export function desktopApp(): App | undefined {
  return desktopWindow().go?.main?.App;
}

/** Says whether the pages run in the desktop window. */
export function inDesktopWindow(): boolean {
  return desktopApp() !== undefined;
}

/**
 * Receives the program's events through the window, and answers how to stop.
 * Undefined in a browser, where they come by HTTP.
 */
export function onDesktopEvent(receive: (event: DesktopEvent) => void): (() => void) | undefined {
  if (!inDesktopWindow()) return undefined;
  return desktopWindow().runtime?.EventsOn("event", receive);
}

/** Shows a web page in the person's browser. What is no web address is not opened. */
export async function openPage(address: string): Promise<void> {
  if (!isWebAddress(address)) return;
  const app = desktopApp();
  if (app) return app.OpenBrowser(address);
  window.open(address, "_blank", "noopener,noreferrer");
}

/** Says whether a text is an address that a browser may be sent to. */
export function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** Puts text on the clipboard. */
export async function copyText(text: string): Promise<void> {
  const app = desktopApp();
  if (app) return app.CopyText(text);
  // A page served over plain HTTP beyond loopback has no clipboard object.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard && window.isSecureContext) return clipboard.writeText(text);
  copyBySelection(text);
}

function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  // Deprecated, and still the only way without a secure context.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  document.execCommand("copy");
  area.remove();
}
