// What the pages gain from JavaScript: a reading while typing, and an outbox for when the network is away.
// Without it every form still works.

import { queue, send, waiting, settle } from "./outbox.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const person = meta("person");

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js");

// ---- The outbox: forms marked data-outbox are sent with a key, so that sending twice is sending once.

const box = document.getElementById("outbox");

function say(text, buttons = []) {
  box.replaceChildren(document.createTextNode(text + " "), ...buttons);
  box.hidden = false;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

async function flush() {
  if (!person) return;
  const before = await waiting(person);
  if (!before.length) return;
  const left = await send(person, meta("csrf-token"));
  const conflict = left.find((entry) => entry.state === "conflict");
  const refused = left.find((entry) => entry.state === "refused");
  if (conflict) {
    say(box.dataset.conflict, [
      button(box.dataset.mine, () => settle(conflict, "mine").then(flush)),
      button(box.dataset.theirs, () => settle(conflict, "theirs").then(() => location.reload())),
    ]);
  } else if (refused) {
    say(`${box.dataset.refused}${refused.why} (${refused.title})`, [
      button(box.dataset.drop, () => settle(refused, "theirs").then(() => location.reload())),
    ]);
  } else if (left.length) {
    say(box.dataset.waiting + left.map((entry) => entry.title).join(", "));
  } else {
    say(box.dataset.sent);
    if (location.pathname === "/") location.reload();
  }
}

function titleOf(form) {
  return (new FormData(form).get("text") || form.dataset.title || document.title).toString().slice(0, 80);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-outbox]")) return;
  event.preventDefault();
  const submitter = event.submitter;
  if (submitter) submitter.disabled = true;
  const fields = new FormData(form, submitter);
  if (fields.has("at") && !fields.get("at")) fields.set("at", new Date().toISOString());
  const entry = {
    key: crypto.randomUUID(), person, url: submitter?.formAction || form.action, title: titleOf(form),
    body: new URLSearchParams(fields).toString(), state: "waiting",
  };
  await queue(entry);
  const left = await send(person, meta("csrf-token"), entry.key);
  const mine = left.find((other) => other.key === entry.key);
  if (submitter) submitter.disabled = false;
  if (!mine) return void location.assign(form.dataset.then || "/");
  if (mine.state === "refused" && mine.page) {
    await settle(mine, "theirs");
    document.open();
    document.write(mine.page);
    document.close();
  } else if (mine.state === "waiting") {
    say(box.dataset.offline);
    form.reset();
    document.getElementById("reading")?.replaceChildren();
  } else {
    await flush();
  }
});

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
flush();

// ---- Reading while typing.

const words = document.querySelector("textarea[data-live]");
const reading = document.getElementById("reading");
if (words && reading) {
  let timer = 0;
  let running = null;
  const read = async () => {
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ text: words.value });
    try {
      const answer = await fetch(words.dataset.live, {
        method: "POST", body, signal: running.signal,
        headers: { "X-CSRF-Token": meta("csrf-token") },
      });
      if (answer.ok) reading.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") say(box.dataset.offline.split(".")[0] + ".");
    }
  };
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(read, 300);
  });
}

// A choice among alternatives brings its grams along.
document.addEventListener("change", (event) => {
  const grams = event.target.dataset?.grams;
  if (grams === undefined) return;
  const field = event.target.closest("fieldset").querySelector("input[data-amount]");
  if (field) field.value = grams;
});

// Signing out leaves no page of this person behind on the device.
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-sign-out]") && "caches" in window) caches.delete("pages");
});
