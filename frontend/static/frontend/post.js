/* Pages of a post that work without network, and a screen that stays on while a code is shown. */
(() => {
  "use strict";
  const root = document.documentElement;

  // The page and what it loads are kept, so that it opens again without network. See offline.js.
  const own = document.querySelector("[data-offline]");
  if (own && navigator.serviceWorker) {
    navigator.serviceWorker.register(own.dataset.offline).then(() => navigator.serviceWorker.ready).then(({ active }) => {
      const files = [...document.querySelectorAll("link[href], script[src]")].map((file) => file.href || file.src);
      const done = new MessageChannel();
      done.port1.onmessage = () => { root.dataset.kept = "1"; };
      active.postMessage({ keep: [location.href.split("#")[0], ...files] }, [done.port2]);
    }).catch(() => {}); // without it the page works as before, online
  }

  // A leader holds the code up for minutes.
  const awake = () => {
    if (document.querySelector("[data-awake]") && navigator.wakeLock && !document.hidden) {
      navigator.wakeLock.request("screen").catch(() => {});
    }
  };
  document.addEventListener("visibilitychange", awake);
  awake();
})();
