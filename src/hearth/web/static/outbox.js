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

export const queue = (entry) => keep({ ...entry, at: Date.now() });

// Another person's entries stay where they are: only their writer may send them.
export async function waiting(person) {
  const all = await store("readonly", (box) => box.getAll());
  return all.filter((entry) => entry.person === person).sort((a, b) => a.at - b.at);
}

async function deliver(entry, token) {
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": entry.key,
    "X-CSRF-Token": token, Accept: "text/html",
  };
  if (entry.overwrite) headers["X-Overwrite"] = "yes";
  const body = new URLSearchParams(entry.body);
  body.set("csrf_token", token);
  const answer = await fetch(entry.url, { method: "POST", headers, body, redirect: "follow" });
  if (answer.ok) return "sent";
  if (answer.status === 409 || answer.status === 412) return "conflict";
  if (answer.status >= 500 || answer.status === 429 || answer.status === 401) return "waiting";
  entry.page = await answer.text();
  entry.why = String(answer.status);
  return "refused";
}

let running = Promise.resolve();

// Sends in order, one sender at a time; answers what is still in the box.
export function send(person, token, only = "") {
  running = running.then(() => sendAll(person, token, only), () => sendAll(person, token, only));
  return running;
}

async function sendAll(person, token, only) {
  for (const entry of await waiting(person)) {
    if (entry.state !== "waiting" || (only && entry.key !== only)) continue;
    try {
      entry.state = await deliver(entry, token);
    } catch {
      break; // The network is away: everything after this one waits too.
    }
    if (entry.state === "sent") await drop(entry);
    else await keep(entry);
  }
  return waiting(person);
}

export async function settle(entry, choice) {
  if (choice === "theirs") return drop(entry);
  return keep({ ...entry, key: crypto.randomUUID(), state: "waiting", overwrite: true });
}
