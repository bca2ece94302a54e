/* The service worker of all pages, served as /sw.js. Its version is the digest of this file. */
"use strict";
const VERSION = "@VERSION@";

/* A new version takes over at once: it serves the same pages as the old one. */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

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
  const notice = { body, tag, data: { url: url || "/me/messages/" }, icon: "/static/frontend/mark.svg" };
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

/* ---- Pages without a network go here: a `fetch` listener of its own, and a cache whose name ends in VERSION, filled at
   `install` and cleared of older names at `activate`. Nothing above needs to change for it. ---- */
