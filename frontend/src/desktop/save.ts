// How a page gives the person a file: a download in a browser, the system's
// own dialog in the window. The window cannot download, and must not carry a
// large export through the page: there the program itself writes the file.
import { ask } from "@/api/client";
import { desktopApp } from "./desktop";

/**
 * Saves an answer of the admin API as a file. The path is one that `call`
 * takes, as "/exchanges/export?format=csv"; a body must be JSON text. False
 * says that the person has cancelled; a failure is thrown.
 */
export async function saveAs(name: string, path: string, init: RequestInit = {}): Promise<boolean> {
  const app = desktopApp();
  if (!app) return download(name, await (await ask(path, init)).blob());
  const body = typeof init.body === "string" ? init.body : "";
  try {
    return await app.SaveAs(name, init.method ?? "GET", `/api${path}`, body);
  } catch (cause) {
    // The window's errors are plain texts.
    throw cause instanceof Error ? cause : new Error(String(cause));
  }
}

function download(name: string, data: Blob): boolean {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // The browser has taken hold of the data by the next turn.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 0);
  return true;
}
