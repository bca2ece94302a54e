/* The service worker's part for pages of a post: the list's scanner and a person's own code open without network.

   It answers for those pages and for files they load, and for nothing else. The network goes first, so what is kept is
   only seen when there is none; a page that leads to the sign-in drops what was kept of it. */
(() => {
  "use strict";
  const KEPT = "post-1";
  const PAGES = /^\/shifts\/[0-9a-f-]{36}\/(attendance\/scan|here)\/$/;
  const PATIENCE = 4000; // ms: a network that hangs is none

  const put = async (url) => {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await (await caches.open(KEPT)).put(url, answer);
  };
  self.addEventListener("message", (event) => {
    if (!event.data || !event.data.keep) return;
    const urls = event.data.keep.filter((url) => url.startsWith(self.location.origin));
    event.waitUntil(Promise.all(urls.map(put)).then(() => event.ports[0].postMessage("kept"), () => {}));
  });

  const page = async (request) => {
    const cache = await caches.open(KEPT);
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), PATIENCE);
    try {
      const answer = await fetch(request, { signal: slow.signal });
      if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) await cache.delete(request.url);
      else if (answer.ok) await cache.put(request.url, answer.clone());
      return answer;
    } catch (error) {
      return (await cache.match(request.url)) || Promise.reject(error);
    } finally {
      clearTimeout(timer);
    }
  };
  const file = async (request) => (await caches.match(request.url)) || fetch(request);

  self.addEventListener("fetch", (event) => {
    const { method, mode, url } = event.request;
    const { origin, pathname } = new URL(url);
    if (method !== "GET" || origin !== self.location.origin) return;
    if (mode === "navigate" && PAGES.test(pathname)) event.respondWith(page(event.request));
    else if (pathname.startsWith("/static/")) event.respondWith(file(event.request));
  });
  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
})();
