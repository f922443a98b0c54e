// The service worker: Today and Add open with no network, as they were when they were last loaded.

const STATIC = "static";
const PAGES = "pages";
const KEPT = ["/", "/add"];
const WHOSE = "/.whose";
let changed = false;

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const referred = (html) => [...new Set(html.match(/\/static\/[^"')\s]+/g) ?? []), "/manifest.webmanifest"];

// The page for no network, and all that pages of this version refer to.
async function keepShell() {
  const cache = await caches.open(STATIC);
  const answer = await fetch("/offline");
  if (!answer.ok) throw new Error(`/offline answered ${answer.status}`);
  const wanted = referred(await answer.clone().text());
  await cache.put("/offline", answer);
  await Promise.all(wanted.map(async (url) => (await cache.match(url)) || cache.add(url)));
  return wanted;
}

async function keepPages() {
  const pages = await caches.open(PAGES);
  await Promise.all(KEPT.map(async (path) => {
    const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) await pages.put(path, answer);
  }));
}

// A page says who is signed in and which files it uses.
async function heard({ person, files }) {
  const cache = await caches.open(STATIC);
  const known = await Promise.all(files.map((url) => cache.match(url)));
  if (known.some((found) => !found)) await newVersion(cache);
  const pages = await caches.open(PAGES);
  const whose = await (await pages.match(WHOSE))?.text();
  if (whose !== person) await caches.delete(PAGES);
  if (!person || (whose === person && !changed)) return;
  changed = false;
  await (await caches.open(PAGES)).put(WHOSE, new Response(person));
  await keepPages();
}

async function newVersion(cache) {
  const wanted = new Set(["/offline", ...await keepShell()]);
  changed = true;
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}

self.addEventListener("message", (event) => event.waitUntil(heard(event.data).catch(() => undefined)));

// A name with a hash of its content never goes stale; any other is asked for first.
async function staticFile(request) {
  const cache = await caches.open(STATIC);
  const known = await cache.match(request);
  if (known && /\.[0-9a-f]{10}\./.test(request.url)) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok && known) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

async function page(event) {
  const path = new URL(event.request.url).pathname;
  try {
    const answer = await fetch(event.request);
    if (answer.ok && !answer.redirected && KEPT.includes(path)) event.waitUntil(kept(path, answer.clone()));
    return answer;
  } catch {
    return (await asKept(path)) || (await caches.match("/offline")) || Response.error();
  }
}

// Only a signed-in person's page is kept; a page without one means that they have left.
async function kept(path, answer) {
  const pages = await caches.open(PAGES);
  const html = await answer.clone().text();
  const whose = html.match(/<meta name="person" content="([^"]+)"/)?.[1];
  if (!whose) await caches.delete(PAGES);
  else if (whose === await (await pages.match(WHOSE))?.text()) await pages.put(path, answer);
}

// The kept page, marked so that it says of itself that it was kept.
async function asKept(path) {
  const found = KEPT.includes(path) && (await (await caches.open(PAGES)).match(path));
  if (!found) return undefined;
  const html = (await found.text()).replace("<body", "<body data-kept");
  return new Response(html, { headers: found.headers });
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.method !== "GET") {
    if (!url.pathname.endsWith("/reading")) changed = true;
    return;
  }
  if (url.pathname.startsWith("/static/") || url.pathname === "/manifest.webmanifest") event.respondWith(staticFile(event.request));
  else if (event.request.mode === "navigate") event.respondWith(page(event));
});
