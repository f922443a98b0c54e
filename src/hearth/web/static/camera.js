// Scans barcodes with the camera: frames go to our own server, one at a time and at most two a
// second, and it says what they are. Nothing is kept of them. Texts are the page's (data-).

const EVERY_MS = 500;
// Enough for a code that fills a quarter of the frame; what a look costs the server grows with it.
const LONGEST = 960;
const QUALITY = 0.85;
// An answer takes a second or two; a network that fell silent would hold the camera for minutes.
const ANSWER_MS = 15_000;
const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e"];

const finder = document.getElementById("finder");
const part = (name) => finder.querySelector(`[data-${name}]`);
const video = finder.querySelector("video");
const canvas = document.createElement("canvas");
const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const refused = new Set(); // codes of which the person said that it is not this
let stream = null;
let asked = ""; // the code that the page asks about; while it does, no frame is sent

const say = (text) => { if (part("said").textContent !== text) part("said").textContent = text; };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function begin() {
  if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    part("start").hidden = true;
    finder.querySelector(".view").hidden = true;
    return say(finder.dataset.insecure);
  }
  part("start").addEventListener("click", start);
  part("stop").addEventListener("click", stop);
  part("torch").addEventListener("click", torch);
  part("not").addEventListener("click", goOn);
  // Who has allowed it before means to scan: nothing is asked again. Firefox knows no such name.
  navigator.permissions?.query({ name: "camera" }).then(
    (permission) => permission.state === "granted" && !document.querySelector("#codes > *") && start(),
    () => undefined,
  );
}

async function start() {
  if (stream) return;
  say(finder.dataset.asking);
  part("start").hidden = true;
  try {
    const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } };
    const opened = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    if (stream) return void opened.getTracks().forEach((track) => track.stop());
    stream = opened;
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    stop();
    return say(why(error));
  }
  opened();
  await scan(stream);
}

function why(error) {
  if (error.name === "NotAllowedError") return finder.dataset.denied;
  return error.name === "NotFoundError" || error.name === "OverconstrainedError" ? finder.dataset.none : finder.dataset.taken;
}

function opened() {
  const [track] = stream.getVideoTracks();
  track.addEventListener("ended", stop);
  part("torch").hidden = !track.getCapabilities?.().torch;
  part("stop").hidden = false;
  finder.classList.add("open");
  finder.scrollIntoView({ block: "nearest" });
  say(finder.dataset.looking);
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  asked = "";
  video.srcObject = null;
  finder.classList.remove("open");
  part("start").hidden = false;
  for (const name of ["stop", "torch", "not"]) part(name).hidden = true;
  part("torch").setAttribute("aria-pressed", "false");
  say("");
}

async function torch() {
  const on = part("torch").getAttribute("aria-pressed") !== "true";
  const [track] = stream.getVideoTracks();
  await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => undefined);
  part("torch").setAttribute("aria-pressed", String(on));
}

// The browser's own reader looks first where there is one; the server confirms what it saw.
async function ownReader() {
  try {
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = FORMATS.filter((format) => known.includes(format));
    return formats.length ? new BarcodeDetector({ formats }) : null;
  } catch {
    return null;
  }
}

async function scan(mine) {
  const reader = await ownReader();
  while (stream === mine) {
    const began = performance.now();
    if (!asked && !document.hidden && video.videoWidth) await look(mine, reader);
    await wait(Math.max(60, EVERY_MS - (performance.now() - began)));
  }
}

async function look(mine, reader) {
  const found = await reader?.detect(video).catch(() => []);
  const frame = await drawn();
  if (!frame || stream !== mine) return;
  const body = new FormData();
  body.append("photo", frame, "frame.jpg");
  body.append("day", finder.dataset.day);
  body.append("seen", found?.[0]?.rawValue ?? "");
  try {
    const answer = await fetch(finder.dataset.look, {
      method: "POST", body, headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
      signal: AbortSignal.timeout?.(ANSWER_MS), // Safari before 16 waits as long as it will.
    });
    if (!answer.ok) return await pause(answer);
    if (stream === mine) told(await answer.json());
  } catch {
    if (stream !== mine) return;
    say(finder.dataset.away);
    await wait(2000);
  }
}

// Too many at once, or a login that is over. The page is not loaded again by itself: with the camera
// allowed it would start, be refused and load for ever.
async function pause(answer) {
  if (answer.status === 401 || answer.status === 403) {
    stop();
    return say(finder.dataset.over);
  }
  say(finder.dataset.waits);
  await wait(1000 * (Number(answer.headers.get("Retry-After")) || 2));
}

function drawn() {
  const factor = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * factor);
  canvas.height = Math.round(video.videoHeight * factor);
  canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

function told(answer) {
  if (answer.state === "nothing" || (answer.state === "question" && refused.has(answer.code))) {
    return say(finder.dataset.looking);
  }
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
  if (answer.state === "found") {
    stop();
    return void location.assign(answer.href);
  }
  const codes = document.getElementById("codes");
  codes.innerHTML = answer.html; // of our own server, which escapes what it writes
  if (answer.state === "question") {
    asked = answer.code;
    part("not").hidden = false;
    say("");
  } else {
    stop();
  }
  const title = codes.querySelector("h2");
  title.tabIndex = -1;
  title.focus();
}

function goOn() {
  refused.add(asked);
  asked = "";
  part("not").hidden = true;
  document.getElementById("codes").replaceChildren();
  say(finder.dataset.looking);
}

// Nobody shall be filmed by a page that is not looked at.
addEventListener("pagehide", stop);
document.addEventListener("visibilitychange", () => document.hidden && stream && stop());

begin();
