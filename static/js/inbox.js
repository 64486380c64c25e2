// Looks for new messages while the page is in view; without this script the link above does it.
"use strict";

const inbox = document.querySelector("[data-inbox]");
const news = document.querySelector("[data-inbox-news]");
const PAUSE = 3000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(inbox.dataset.inbox, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const latest = page.querySelector("[data-inbox]");
  // What somebody is copying or reading stays put while nothing has changed.
  if (latest && latest.innerHTML !== inbox.innerHTML) {
    inbox.replaceChildren(...latest.childNodes);
    news.textContent = news.dataset.inboxNews;
  } else {
    news.textContent = "";
  }
}

async function watch() {
  try {
    await refresh();
  } catch {
    // The server may be restarting: the next look finds it.
  }
  setTimeout(watch, PAUSE);
}

document.querySelector("[data-inbox-reload]").hidden = true;
setTimeout(watch, PAUSE);
