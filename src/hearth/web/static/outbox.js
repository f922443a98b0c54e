// The outbox: what was saved while the network was away, kept in IndexedDB until the server has it.
// Each entry carries its Idempotency-Key from the start, so that a repetition is the same act.

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("hearth", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("outbox", { keyPath: "key" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function store(mode, act) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("outbox", mode);
    const request = act(transaction.objectStore("outbox"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
  });
}

const keep = (entry) => store("readwrite", (box) => box.put(entry));
const drop = (entry) => store("readwrite", (box) => box.delete(entry.key));

export const queue = (entry) => keep({ ...entry, state: "waiting", at: Date.now() });

// Another person's entries stay where they are: only their writer may send them.
export async function waiting(person) {
  const all = await store("readonly", (box) => box.getAll());
  return all.filter((entry) => entry.person === person).sort((a, b) => a.at - b.at);
}

// A page that was kept for offline may hold the token of an earlier login: ask for today's.
async function freshToken(person) {
  const answer = await fetch("/add", { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const meta = (name) => page.querySelector(`meta[name="${name}"]`)?.content;
  return meta("person") === person ? meta("csrf-token") : undefined;
}

function post(entry, token) {
  const headers = { "Idempotency-Key": entry.key, "X-CSRF-Token": token, Accept: "text/html" };
  if (entry.overwrite) headers["X-Overwrite"] = "yes";
  const body = new URLSearchParams(entry.body);
  body.set("csrf_token", token);
  return fetch(entry.url, { method: "POST", headers, body, redirect: "follow" });
}

async function deliver(entry, token) {
  let answer = await post(entry, token);
  if (answer.status === 403) {
    const fresh = await freshToken(entry.person);
    if (!fresh) return "waiting";
    answer = await post(entry, fresh);
  }
  entry.went = answer.url;
  if (answer.ok) return "sent";
  if ([401, 403, 408, 429].includes(answer.status) || answer.status >= 500) return "waiting";
  entry.page = await answer.text();
  return answer.status === 412 ? "conflict" : "refused";
}

let running = Promise.resolve();

// Sends in order, one sender at a time; answers { left: what is still in the box, sent: what went }.
export function send(person, token, only = "") {
  const act = () => sendAll(person, token, only);
  running = running.then(act, act);
  return running;
}

async function sendAll(person, token, only) {
  const sent = [];
  for (const entry of await waiting(person)) {
    if (entry.state !== "waiting" || (only && entry.key !== only)) continue;
    try {
      entry.state = await deliver(entry, token);
    } catch {
      break; // The network is away: everything after this one waits too.
    }
    if (entry.state === "sent") await drop(entry).then(() => sent.push(entry));
    else await keep(entry);
  }
  return { left: await waiting(person), sent };
}

// "mine": send it once more, over what is there. "theirs": let it go.
export async function settle(entry, choice) {
  await drop(entry);
  if (choice === "mine") await keep({ ...entry, key: crypto.randomUUID(), state: "waiting", overwrite: true });
}
