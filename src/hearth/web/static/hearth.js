// What the pages gain from JavaScript: a reading while typing, and an outbox for when the network is away.
// Without it every form still works.

import { queue, send, settle, waiting } from "./outbox.js";

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const person = meta("person");
const box = () => document.getElementById("outbox");

// ---- The service worker keeps Today and Add for when there is no network.

if ("serviceWorker" in navigator) {
  const files = [...document.querySelectorAll("link[href^='/static/'], script[src^='/static/']")];
  const told = { person, files: files.map((one) => one.getAttribute("href") ?? one.getAttribute("src")) };
  addEventListener("load", async () => {
    await navigator.serviceWorker.register("/sw.js").catch(() => undefined);
    (await navigator.serviceWorker.ready).active?.postMessage(told);
  });
}

// ---- The outbox: forms marked data-outbox are sent with a key, so that sending twice is sending once.

function say(text, buttons = []) {
  box().replaceChildren(document.createTextNode(text + " "), ...buttons);
  box().hidden = false;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

// After a reload nothing of the page is left to say it.
function sayLater(text, go) {
  sessionStorage.setItem("said", text);
  go();
}

// Shows what the server answered to an entry in place of the page's content. A conflict stays in the
// box until one of the answer's ways on is taken; what was refused is told once.
function show(entry) {
  const page = new DOMParser().parseFromString(entry.page, "text/html");
  const main = page.querySelector("main");
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  const over = () => settle(entry, "theirs");
  if (entry.state === "refused") over();
  main.addEventListener("submit", over);
  main.addEventListener("click", (event) => event.target.closest("a.button") && over());
  begin();
  main.focus();
}

async function flush() {
  if (!person || !(await waiting(person)).length) return;
  const { left, sent } = await send(person, meta("csrf-token"));
  const held = left.find((entry) => entry.state !== "waiting");
  const texts = box().dataset;
  if (held) {
    const mine = held.state === "conflict" ? [button(texts.mine, () => settle(held, "mine").then(flush))] : [];
    const drop = held.state === "conflict" ? texts.theirs : texts.drop;
    say(`${held.title}: ${held.state === "conflict" ? texts.conflict : texts.refused}`, [
      button(texts.look, () => show(held)), ...mine,
      button(drop, () => settle(held, "theirs").then(() => location.reload())),
    ]);
  } else if (left.length) {
    say(texts.waiting + left.map((entry) => entry.title).join(", "));
  } else if (sent.length) {
    if (location.pathname === "/") sayLater(texts.sent, () => location.reload());
    else say(texts.sent);
  }
}

// One key for a form as it was drawn and filled in: going back and saving again does nothing twice.
function keyOf(fields) {
  const drawn = fields.get("once");
  if (!drawn) return crypto.randomUUID();
  let hash = 2166136261;
  const said = [...fields].filter(([name]) => name !== "at" && name !== "csrf_token");
  for (const letter of JSON.stringify(said)) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619) >>> 0;
  return `${drawn}-${hash.toString(16)}`;
}

function entryOf(form, submitter) {
  const fields = new FormData(form);
  if (fields.has("at") && !fields.get("at")) fields.set("at", new Date().toISOString());
  const title = (fields.get("text") || form.dataset.title || document.title).toString().slice(0, 80);
  const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  return { key: keyOf(fields), person, url, title, body: new URLSearchParams(fields).toString() };
}

async function submit(form, submitter) {
  if (form.contains(words())) await settled();
  const entry = entryOf(form, submitter);
  await queue(entry);
  const { left, sent } = await send(person, meta("csrf-token"), entry.key);
  const went = sent.find((other) => other.key === entry.key)?.went;
  if (went) return void location.assign(went);
  const held = left.find((other) => other.key === entry.key);
  if (held?.page) return void show(held);
  say(box().dataset.offline);
  form.reset();
  // What is written next is another meal, be it the same words.
  for (const one of form.querySelectorAll("input[name=once]")) one.value = crypto.randomUUID();
  document.getElementById("reading")?.replaceChildren();
  box().scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (form.matches("form[data-sign-out]")) caches.delete("pages");
  if (!form.matches("form[data-outbox]") || !person) return;
  event.preventDefault();
  if (submitter) submitter.disabled = true;
  try {
    await submit(form, submitter);
  } catch {
    form.submit(); // No storage on this device: the plain way.
  } finally {
    if (submitter) submitter.disabled = false;
  }
});

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());

// ---- Reading while typing.

const words = () => document.querySelector("textarea[data-live]");
let timer = 0;
let running = null;

async function read() {
  timer = 0;
  running?.abort();
  running = new AbortController();
  const field = words();
  const reading = document.getElementById("reading");
  try {
    const answer = await fetch(field.dataset.live, {
      method: "POST", body: new URLSearchParams({ text: field.value, locale: field.form.elements.locale?.value ?? "" }), signal: running.signal,
      headers: { "X-CSRF-Token": meta("csrf-token"), Accept: "text/html" },
    });
    if (!answer.ok) return;
    const corrected = corrections();
    reading.innerHTML = await answer.text();
    correct(corrected);
    document.getElementById("heard").textContent = reading.querySelector("[data-heard]")?.dataset.heard ?? "";
  } catch (error) {
    if (error.name !== "AbortError") reading.textContent = reading.dataset.away;
  }
}

// The last words are read before they are saved, so that no correction is lost.
async function settled() {
  if (!timer) return;
  clearTimeout(timer);
  await read();
}

// What was corrected stays corrected when more is typed.
const lines = () => [...document.querySelectorAll("#reading [data-line]")];
const picked = (line) => line.querySelector("input[type=radio]:checked");
const grams = (line) => line.querySelector("input[data-grams-of]");

function corrections() {
  const changed = lines().filter((line) => line.dataset.changed);
  return new Map(changed.map((line) => [line.dataset.line, { value: picked(line).value, grams: grams(line).value }]));
}

function correct(corrected) {
  for (const line of lines()) {
    const was = corrected.get(line.dataset.line);
    const choice = was && [...line.querySelectorAll("input[type=radio]")].find((one) => one.value === was.value);
    if (!choice) continue;
    choice.checked = true;
    grams(line).value = was.grams;
    line.dataset.changed = "yes";
  }
  if (corrected.size) reckon();
}

const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
const typed = (text) => Number(text.trim().replace(",", "."));

function energyOf(line) {
  const { energy, weighs } = picked(line).dataset;
  if (!picked(line).value) return 0;
  const amount = typed(grams(line).value);
  return energy && Number(weighs) > 0 && amount >= 0 ? (Number(energy) / Number(weighs)) * amount : NaN;
}

// Names and energies follow a correction; the server reckons again when it is saved.
function reckon() {
  const { unit } = document.querySelector("#reading [data-unit]").dataset;
  const written = (energy) => `${Number.isNaN(energy) ? "?" : number.format(energy)} ${unit}`;
  let sum = 0;
  for (const line of lines()) {
    const energy = energyOf(line);
    const left = !picked(line).value;
    line.classList.toggle("out", left);
    if (!left) line.querySelector(".what").textContent = picked(line).dataset.name;
    line.querySelector("[data-energy-of]").textContent = left ? "–" : written(energy);
    sum += energy;
  }
  document.getElementById("together").textContent = written(sum);
  const likely = document.getElementById("likely");
  if (likely) likely.textContent = "";
}

document.addEventListener("input", (event) => {
  if (event.target === words()) {
    clearTimeout(timer);
    timer = setTimeout(read, 250);
  }
  const line = event.target.closest("[data-line]");
  if (!line) return;
  line.dataset.changed = "yes";
  const { weighs } = event.target.dataset;
  if (weighs) grams(line).value = weighs;
  reckon();
});

// ---- What begins anew with each content.

function begin() {
  for (const one of document.querySelectorAll("button[data-plain]")) one.remove();
  for (const one of document.querySelectorAll("input[name=live]")) one.value = "yes";
  for (const one of document.querySelectorAll("input[data-zone]")) {
    one.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}

begin();
const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  say(said);
}
flush();
