// The service worker: Today and Add open with no network, from the copy of their last visit.

const STATIC = "static-v1";
const PAGES = "pages";
const KEPT = ["/", "/add"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STATIC).then((cache) => cache.add("/offline")).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim().then(keepPages));
});

async function keepPages() {
  const pages = await caches.open(PAGES);
  await Promise.allSettled(KEPT.map(async (path) => {
    const answer = await fetch(path, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await pages.put(path, answer);
  }));
}

// A name with a hash of its content never goes stale; any other is asked for first.
async function staticFile(request) {
  const cache = await caches.open(STATIC);
  const known = await cache.match(request);
  if (known && /\.[0-9a-f]{10}\./.test(request.url)) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

async function page(request) {
  const path = new URL(request.url).pathname;
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && KEPT.includes(path)) {
      const pages = await caches.open(PAGES);
      pages.put(path, answer.clone());
    }
    return answer;
  } catch {
    return (await caches.match(path)) || (await caches.match("/offline")) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(event.request));
  else if (event.request.mode === "navigate") event.respondWith(page(event.request));
});
