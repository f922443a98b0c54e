// Pictures are made small on the device before they are sent, upright and without what the camera
// wrote beside them. Without JavaScript the form sends them as they are.
//
// How to use it, in any form with enctype="multipart/form-data":
//
//   <input type="file" name="photo" accept="image/*" multiple data-shrink data-most="5"
//     data-shown="shown" data-remove="Remove" data-many="At most 5 pictures are sent at once.">
//   <ul id="shown" class="pictures" hidden></ul>                       previews, each with a button
//   <p class="note busy" role="status" data-sending hidden>Reading…</p>   shown while it is sent
//
// `data-most` above 1 lets further choices add to those before; else a choice replaces the last one.
// Inputs of the same form and name share that number: one may take a picture and another choose one
// (the macro in recognition/pages/_pictures.html draws such a pair). When the pictures of an input
// are ready it tells "shrunk"; a form that is sent earlier waits for that. `shrink(file)` does one.

const SIDE = 2400;
const QUALITY = 0.88;
const SMALL_BYTES = 1_500_000;
const running = new WeakMap(); // input -> what still makes its pictures small
const chosen = new WeakMap(); // input -> its files as they will be sent

/** The picture as a JPEG of at most `side` pixels; as it is where it is small or cannot be decoded. */
export async function shrink(file, side = SIDE) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const factor = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
    if (factor === 1 && file.type === "image/jpeg" && file.size < SMALL_BYTES) return file;
    return (await drawn(image, factor, file.name)) ?? file;
  } catch {
    return file; // HEIC in most browsers, or no picture at all: the server says what it thinks of it.
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function drawn(image, factor, name) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * factor));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * factor));
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "#fff"; // What is transparent is paper, not night.
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  canvas.width = canvas.height = 0; // Phones give a page little memory for canvases.
  return blob && new File([blob], name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

const inputsOf = (form) => [...(form?.querySelectorAll("input[type=file][data-shrink]") ?? [])];

function put(input, files) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  chosen.set(input, files);
  show(input);
}

const mostOf = (input) => Number(input.dataset.most || 1);
const others = (input) => inputsOf(input.form).filter((one) => one !== input && one.name === input.name);
// How many this input may hold beside the others.
const room = (input) => mostOf(input) - others(input).reduce((sum, one) => sum + one.files.length, 0);

async function take(input) {
  const gathers = mostOf(input) > 1;
  const before = gathers ? chosen.get(input) ?? [] : [];
  if (!gathers && input.files.length) for (const other of others(input)) put(other, []);
  const small = [];
  // One after the other: a phone has no room for five decoded pictures of 48 megapixels.
  for (const file of [...input.files]) small.push(await shrink(file));
  const all = [...before, ...small];
  const most = room(input);
  put(input, all.slice(0, Math.max(0, most)));
  tell(input, all.length > most ? input.dataset.many ?? "" : "");
  input.dispatchEvent(new CustomEvent("shrunk", { bubbles: true }));
}

function tell(input, text) {
  const list = document.getElementById(input.dataset.shown);
  if (!list) return;
  list.parentElement.querySelector("[data-too-many]")?.remove();
  if (!text) return;
  const line = document.createElement("p");
  line.className = "note";
  line.dataset.tooMany = "";
  line.setAttribute("role", "status");
  line.textContent = text;
  list.after(line);
}

// Previews of all inputs that share a list; a button takes one out again.
function show(input) {
  const list = document.getElementById(input.dataset.shown);
  if (!list) return;
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  const sharing = inputsOf(input.form).filter((one) => one.dataset.shown === input.dataset.shown);
  const lines = sharing.flatMap((one) => [...one.files].map((file) => preview(one, file)));
  list.replaceChildren(...lines);
  list.hidden = !lines.length;
}

function preview(input, file) {
  const line = document.createElement("li");
  const image = new Image();
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  image.addEventListener("error", () => image.replaceWith(file.name), { once: true });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "quiet";
  drop.textContent = input.dataset.remove ?? "×";
  drop.setAttribute("aria-label", `${drop.textContent} ${file.name}`);
  drop.addEventListener("click", () => {
    put(input, [...input.files].filter((one) => one !== file));
    tell(input, "");
    input.focus();
  });
  line.append(image, drop);
  return line;
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[type=file][data-shrink]")) return;
  const before = running.get(input) ?? Promise.resolve();
  const done = before.then(() => take(input)).finally(() => running.get(input) === done && running.delete(input));
  running.set(input, done);
});

// ---- A form waits for its pictures, and then says that it is being sent.

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const waited = inputsOf(form).map((input) => running.get(input)).filter(Boolean);
  if (!waited.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await Promise.allSettled(waited);
  form.requestSubmit(submitter);
}, true);

function sending(form, is) {
  const line = form.querySelector("[data-sending]");
  if (!line) return;
  line.hidden = !is;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = is;
  if (is) line.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !inputsOf(event.target).length) return;
  // A button that is disabled at once would not be sent with its form.
  setTimeout(() => sending(event.target, true));
});

// A page that is come back to has not been sent.
addEventListener("pageshow", () => {
  for (const form of document.forms) if (inputsOf(form).length) sending(form, false);
});
