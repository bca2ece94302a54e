/* Asks this browser for push messages, shows which of the listed browsers it is, and ends them when somebody signs out.
   Without it the page says what is missing. */
(() => {
  "use strict";
  // Whoever uses this browser next must not read the messages of the one before.
  const leaving = document.querySelector("[data-push-end] form");
  const end = async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = registration && await registration.pushManager.getSubscription();
    if (subscription) await subscription.unsubscribe();
  };
  if (leaving && "serviceWorker" in navigator && "PushManager" in window) {
    leaving.addEventListener("submit", (event) => {
      if (leaving.dataset.pushEnded) return;
      event.preventDefault();
      event.stopPropagation();
      end().catch(() => {}).finally(() => {
        leaving.dataset.pushEnded = "1";
        leaving.requestSubmit();
      });
    });
  }

  const box = document.querySelector("[data-push]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window) || !window.Notification) return;
  const show = (name, shown = true) => { box.querySelector(`[data-push-${name}]`).hidden = !shown; };
  const form = box.querySelector("[data-push-on]");
  const button = form.querySelector("button");

  const bytes = (coded) => Uint8Array.from(
    atob(coded.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0),
  );
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const digest = async (endpoint) => hex(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`push ${endpoint}`)),
  );
  const key = bytes(box.dataset.push);
  const isOurs = ({ options }) => options.applicationServerKey
    && hex(options.applicationServerKey) === hex(key.buffer);

  const look = async () => {
    const { pushManager } = await navigator.serviceWorker.register("/sw.js");
    const subscription = await pushManager.getSubscription();
    const row = subscription && box.querySelector(`[data-digest="${await digest(subscription.endpoint)}"]`);
    const isOn = Boolean(row && isOurs(subscription));
    if (row) row.querySelector("[data-push-here]").hidden = false;
    show("lacking", false);
    const isBlocked = Notification.permission === "denied";
    show("blocked", isBlocked && !isOn);
    form.hidden = isBlocked || isOn;
  };

  const subscribe = async () => {
    const { pushManager } = await navigator.serviceWorker.ready;
    const old = await pushManager.getSubscription();
    if (old && !isOurs(old)) await old.unsubscribe(); // made under a key that holds no more
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  };

  form.addEventListener("submit", (event) => {
    const field = form.querySelector("[name=address]");
    if (field.value) return;
    event.preventDefault();
    event.stopPropagation(); // not on its way yet
    button.setAttribute("aria-disabled", "true");
    show("failed", false);
    subscribe().then((subscription) => {
      field.value = JSON.stringify(subscription);
      form.requestSubmit();
    }).catch(() => {
      button.removeAttribute("aria-disabled");
      const isBlocked = Notification.permission === "denied";
      show("blocked", isBlocked);
      show("failed", !isBlocked);
      form.hidden = isBlocked;
    });
  });
  look().catch(() => show("lacking"));
})();
