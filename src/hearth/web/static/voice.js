// Saying a meal: records in the page, sends the sound to this Hearth, puts the words into a text field.
// One recording at a time; without JavaScript the button is a link to a page that takes a file.

const KINDS = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_A_SECOND = 32_000;
const PATIENCE_MS = 180_000;
const QUIETEST_DB = -60;

const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const part = (box, name) => box.querySelector(`[data-${name}]`);
let now = null; // What is under way: { box, recorder, stream, context, ticking, isKept }

function tell(box, lines, isBad = false) {
  const told = part(box, "told");
  told.replaceChildren(...lines.map((line) => {
    const made = document.createElement("p");
    made.textContent = line;
    return made;
  }));
  told.classList.toggle("note", isBad);
}

function show(box, state) {
  part(box, "start").hidden = state !== "ready";
  part(box, "recorder").hidden = state !== "recording";
  box.toggleAttribute("data-working", state === "working");
}

// The way to a file, beside what went wrong; the page for it has the file field already.
function refuse(box, lines) {
  release();
  now = null;
  show(box, "ready");
  tell(box, lines, true);
  part(box, "start").focus();
  const other = part(box, "start").dataset.other;
  if (!other || location.pathname === new URL(other, location).pathname) return;
  const link = document.createElement("a");
  link.href = other;
  link.textContent = box.dataset.others;
  part(box, "told").append(link);
}

const spoken = (box) => box.closest("form")?.querySelector("[data-spoken]")?.value || box.dataset.locale;

async function ask(address, fields) {
  const body = new FormData();
  for (const [name, value, file] of fields) file ? body.append(name, value, file) : body.append(name, value);
  const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  const told = await answer.json();
  if (!answer.ok && !told.notes) told.notes = [told.detail];
  return { isGood: answer.ok, ...told };
}

function reason(texts, error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return texts.denied;
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return texts.missing;
  if (error.name === "NotReadableError" || error.name === "AbortError") return texts.busy;
  return error.name === "TypeError" || error.name === "TimeoutError" || error.name === "SyntaxError" ? texts.away : texts.unable;
}

async function start(box) {
  if (now) return;
  const texts = box.dataset;
  if (!isSecureContext) return refuse(box, [texts.insecure]);
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return refuse(box, [texts.unable]);
  now = { box };
  tell(box, [texts.asking]);
  try {
    const ears = await ask(texts.ears, [["locale", spoken(box)]]);
    if (!ears.isGood || !ears.understands) return refuse(box, ears.notes);
    now.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    record(box, now.stream);
  } catch (error) {
    refuse(box, [reason(texts, error)]);
  }
}

function record(box, stream) {
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: BITS_A_SECOND });
  const parts = [];
  const started = performance.now();
  now = { box, recorder, stream, isKept: true, ...metered(stream) };
  recorder.addEventListener("dataavailable", (event) => event.data.size && parts.push(event.data));
  recorder.addEventListener("stop", () => finish(box, new Blob(parts, { type: recorder.mimeType })));
  recorder.start();
  now.ticking = setInterval(() => tick(box, (performance.now() - started) / 1000), 100);
  tell(box, []);
  show(box, "recording");
  part(box, "stop").focus();
}

// How loud it is; a browser that cannot tell records all the same.
function metered(stream) {
  try {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    return { context, analyser, samples: new Float32Array(analyser.fftSize) };
  } catch {
    return {};
  }
}

function tick(box, seconds) {
  part(box, "seconds").textContent = Math.floor(seconds);
  const { analyser, samples, recorder } = now;
  if (analyser) {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    part(box, "level").value = Math.max(0, Math.min(1, 1 - (10 * Math.log10(power + 1e-12)) / QUIETEST_DB));
  }
  if (seconds >= Number(box.dataset.most) && recorder.state === "recording") recorder.stop();
}

function release() {
  clearInterval(now?.ticking);
  for (const track of now?.stream?.getTracks() ?? []) track.stop();
  now?.context?.close();
  now = { box: now?.box };
}

function end(isKept) {
  if (!now?.recorder || now.recorder.state === "inactive") return;
  now.isKept = isKept;
  now.recorder.stop();
}

async function finish(box, blob) {
  const { isKept } = now;
  release();
  if (!isKept) {
    now = null;
    show(box, "ready");
    return void part(box, "start").focus();
  }
  if (!blob.size) return refuse(box, [box.dataset.empty]);
  show(box, "working");
  tell(box, [box.dataset.listening]);
  try {
    const heard = await ask(box.dataset.heard, [["locale", spoken(box)], ["audio", blob, "meal"]]);
    if (!heard.isGood || !heard.text) return refuse(box, heard.notes);
    put(box, heard);
  } catch (error) {
    refuse(box, [reason(box.dataset, error)]);
  }
}

// The words follow what is in the field already; the page reads them as if they had been typed.
function put(box, heard) {
  now = null;
  show(box, "ready");
  tell(box, heard.notes);
  const field = document.getElementById(box.dataset.into);
  const before = field.value.trim();
  field.value = before ? `${before}${/[.,;!?]$/.test(before) ? "" : ","} ${heard.text}` : heard.text;
  const language = field.form?.querySelector("[data-heard-locale]");
  if (language) language.value = heard.locale;
  field.closest("section[hidden]")?.removeAttribute("hidden");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-voice]");
  if (!box) return;
  if (event.target.closest("[data-start]")) {
    event.preventDefault();
    start(box);
  }
  if (event.target.closest("[data-stop]")) end(true);
  if (event.target.closest("[data-cancel]")) end(false);
});

// Words typed anew are in the language of the page.
document.addEventListener("input", (event) => {
  const language = event.target.form?.querySelector("[data-heard-locale]");
  if (language && event.target.matches("textarea") && !event.target.value.trim()) language.value = "";
});

// A file takes seconds too.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-recording-form]")) return;
  const box = event.target.querySelector("[data-voice]");
  tell(box, [box.dataset.listening]);
});

addEventListener("pagehide", () => end(false));

// With JavaScript the link is a button: it does something here.
for (const link of document.querySelectorAll("[data-voice] a[data-start]")) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = link.className;
  made.append(...link.childNodes);
  made.dataset.start = "";
  made.dataset.other = link.getAttribute("href");
  link.replaceWith(made);
}
