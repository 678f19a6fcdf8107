// Warns before a session ends, and prolongs it without leaving the page: what is typed there stays.
"use strict";

const { address, after } = document.currentScript.dataset;
let box = null;
let timer = null;

const wait = (seconds) => {
  clearTimeout(timer);
  timer = setTimeout(look, 1000 * seconds);
};

const close = () => {
  if (box === null) return;
  box.close(); // the focus goes back to where it was
  box.remove();
  box = null;
};

// Asks how long is left, as a page left open does: it is nobody's activity, and another tab may have been used.
async function look() {
  try {
    const answer = await fetch(`${address}?essai=1`, { headers: { "HX-Request": "true" } });
    close();
    if (answer.status === 200) show(await answer.text());
    const next = answer.headers.get("Retry-After");
    if (next !== null) wait(Number(next));
  } catch {
    wait(60); // no network: a minute later
  }
}

function show(html) {
  document.body.insertAdjacentHTML("beforeend", html);
  box = document.body.lastElementChild;
  box.querySelector("form")?.addEventListener("submit", prolong);
  box.showModal();
}

async function prolong(event) {
  event.preventDefault();
  await fetch(event.target.action).catch(() => null);
  look();
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && box !== null) look();
});
wait(Number(after));
