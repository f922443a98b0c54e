// Photos are looked at in place: what was chosen stays chosen, whatever the answer is.
// Without JavaScript the form is sent and the page comes anew.

const PATIENCE_MS = 180_000;

const answer = () => document.getElementById("answer");

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("form[data-in-place]")) return;
  event.preventDefault();
  send(form, new FormData(form, submitter));
});

async function send(form, fields) {
  const done = wait(form);
  try {
    const got = await fetch(form.action, {
      method: "POST", body: fields, headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (got.redirected) return void location.assign(got.url);
    show(await got.text());
  } catch {
    say(answer().dataset.away);
  } finally {
    done();
  }
}

// Counts the seconds, so that it can be seen that something goes on; heard is only that it began.
function wait(form) {
  const line = form.querySelector("[data-sending]");
  const buttons = [...form.querySelectorAll("button[type=submit]")];
  const clock = document.createElement("span");
  clock.setAttribute("aria-hidden", "true");
  const began = Date.now();
  const tick = () => (clock.textContent = ` ${Math.round((Date.now() - began) / 1000)} s`);
  const timer = setInterval(tick, 1000);
  line.append(clock);
  line.hidden = false;
  for (const one of buttons) one.disabled = true;
  return () => {
    clearInterval(timer);
    clock.remove();
    line.hidden = true;
    for (const one of buttons) one.disabled = false;
  };
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("answer");
  if (!fresh) return void say(page.querySelector("main")?.textContent.trim() || answer().dataset.away);
  for (const one of fresh.querySelectorAll("button[data-plain]")) one.remove();
  for (const one of fresh.querySelectorAll("input[name=live]")) one.value = "yes";
  answer().replaceWith(document.adoptNode(fresh));
  answer().focus();
  answer().scrollIntoView({ block: "start" });
}

function say(text) {
  const line = document.createElement("p");
  line.className = "note bad";
  line.setAttribute("role", "alert");
  line.textContent = text;
  answer().replaceChildren(line);
}
