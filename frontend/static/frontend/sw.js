/* The service worker of all pages, served as /sw.js. Its version is the digest of this file with the page for no network
   inside. Whatever has no part below goes its way as if there were no worker. */
"use strict";
const VERSION = "@VERSION@";
const SHELL = "@SHELL@";

/* ---- Without a network: the last copy of a page that its person may read, else a page that says so. ----

   The server names such pages and whose they are (frontend/offline.py). The network always goes first, so a copy is seen
   only when there is none, and says as of when it holds. Copies go when somebody signs in or out and with the first page
   of somebody else. */
const MARK = "Offline-Copy";
const PAGES = `pages-${VERSION}`;
const FILES = `files-${VERSION}`;
const MOST = 12; // pages
const HOME = "/me/"; // never the one that makes room
const PATIENCE = 8000; // ms: a network that hangs for so long is none, for her who has a copy
const WHO = /^\/(accounts|sign-in|join|me\/profile\/close)\//;

let era = 0; // begins anew when somebody signs in or out: what was asked for before is not kept
const isPages = (name) => name.startsWith("pages-");
const forget = async () => {
  era += 1;
  await Promise.all((await caches.keys()).filter(isPages).map(async (name) => {
    const pages = await caches.open(name);
    await Promise.all((await pages.keys()).map((kept) => pages.delete(kept)));
  }));
};
const copyOf = async (url) => (await caches.open(PAGES)).match(url);

const keep = async (url, answer, since) => {
  const owner = answer.headers.get(MARK);
  const headers = new Headers(answer.headers);
  ["Content-Encoding", "Content-Length"].forEach((name) => headers.delete(name)); // of the packed bytes
  const text = await answer.text();
  const files = await caches.open(FILES);
  await Promise.all(Array.from(text.matchAll(/(?:href|src)="(\/static\/[^"]+\.(?:css|js))"/g), async ([, file]) => {
    if (!await files.match(file)) await files.add(file).catch(() => {}); // most come from the browser's own cache
  }));
  const pages = await caches.open(PAGES);
  const others = [];
  for (const kept of await pages.keys()) {
    const copy = await pages.match(kept);
    if (copy && copy.headers.get(MARK) !== owner) others.push(kept);
  }
  await Promise.all(others.map((kept) => pages.delete(kept)));
  if (era !== since) return;
  await pages.put(url, new Response(text, { headers }));
  const kept = (await pages.keys()).filter((one) => new URL(one.url).pathname !== HOME);
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST + 1)).map((one) => pages.delete(one)));
  if (era !== since) await forget();
};

/* What an answer of the network means for the copies. */
const settle = async (url, answer, since) => {
  if (answer.ok && answer.headers.get(MARK)) return keep(url, answer.clone(), since);
  if (!await copyOf(url)) return undefined;
  if (answer.type === "opaqueredirect") return forget(); // she is led to the sign-in
  if (answer.status < 500 && answer.status !== 429) await (await caches.open(PAGES)).delete(url);
  return undefined;
};
const ask = async (url) => {
  const since = era;
  await settle(url, await fetch(url, { credentials: "same-origin", redirect: "manual" }), since);
};

/* What is hidden in a page is shown: the text is changed, so no script of the page is needed. */
const reveal = (text, id) => text.replace(new RegExp(`id="${id}"\\s+hidden`), `id="${id}"`);
const asCopy = async (copy) => new Response(reveal(await copy.text(), "as-of"), { headers: copy.headers });
const shell = async () => new Response(await copyOf(HOME) ? reveal(SHELL, "mine") : SHELL, {
  headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'self'" },
});

const open = async (event) => {
  const { url } = event.request;
  const since = era;
  const asked = Promise.resolve(event.preloadResponse).then((early) => early || fetch(event.request));
  event.waitUntil(asked.then((answer) => settle(url, answer, since)).catch(() => {}));
  const copy = await copyOf(url);
  if (!copy) return asked.catch(shell);
  const late = new Promise((done) => setTimeout(done, PATIENCE)).then(() => null);
  const answer = await Promise.race([asked, late]).catch(() => null);
  if (answer) return answer;
  const still = await copyOf(url); // it may have gone while the network was waited for
  return still ? asCopy(still) : asked.catch(shell);
};

/* Copies go before, and once more after, because another tab may have loaded a page in between. */
const change = async (request) => {
  await forget();
  try {
    return await fetch(request);
  } catch (error) {
    if (request.mode === "navigate") return shell();
    throw error;
  } finally {
    await forget();
  }
};

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== self.location.origin) return;
  if (method === "POST" && WHO.test(pathname)) event.respondWith(change(event.request));
  else if (method !== "GET") return;
  else if (mode === "navigate") event.respondWith(open(event));
  else if (pathname.startsWith("/static/")) {
    event.respondWith(fetch(event.request).catch(async (error) => (await caches.match(url)) || Promise.reject(error)));
  }
});

/* A page that was there before this worker, or loaded past it, has itself kept. */
self.addEventListener("message", (event) => {
  if (event.data !== "keep") return;
  const { url } = event.source;
  const page = url.split("#")[0];
  event.waitUntil(copyOf(page).then((copy) => copy || ask(page)).then(() => event.ports[0].postMessage("kept"), () => {}));
});

/* A new version asks for the pages anew that the old one kept, clears what it kept, and takes over at once. */
const renew = async () => {
  const files = await caches.open(FILES);
  await Promise.all(Array.from(SHELL.matchAll(/href="(\/static\/[^"]+\.css)"/g), ([, file]) => files.add(file)));
  for (const name of (await caches.keys()).filter((one) => isPages(one) && one !== PAGES)) {
    for (const { url } of await (await caches.open(name)).keys()) await ask(url).catch(() => {});
  }
};
const clear = async () => {
  const old = (await caches.keys()).filter((name) => name !== PAGES && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
};
self.addEventListener("install", (event) => event.waitUntil(renew().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(clear()));

/* ---- Push messages: {title, body, url, tag}; of two with one tag the later replaces the earlier. ---- */

const told = (data) => {
  try {
    return data.json();
  } catch {
    return {};
  }
};

self.addEventListener("push", (event) => {
  const { title, body, url, tag } = told(event.data);
  const notice = { body, tag, data: { url: url || "/me/messages/" }, icon: "/static/frontend/icon-192.png" };
  event.waitUntil(self.registration.showNotification(title || "工会动员", notice));
});

/* A tap opens what it is about, in a tab that shows it already if there is one. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((tabs) => {
    const open = tabs.find((tab) => tab.url === url.href);
    return open ? open.focus() : self.clients.openWindow(url.href);
  }));
});
