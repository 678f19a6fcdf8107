// Single keys of « À faire »: never in a field, never while they are switched off (WCAG 2.1.4).
"use strict";

const list = document.getElementById("a-faire");
const help = document.getElementById("touches");
const on = help.querySelector("input[type=checkbox]");

const rows = () => [...list.querySelectorAll("tbody tr")];
const row = () => document.activeElement.closest("#a-faire tbody tr");
const name = (each) => each.querySelector("th a");
const typing = (target) => target.matches("select, textarea, input:not([type=checkbox])");
const within = (target) => target === document.body || list.contains(target) || help.contains(target);

function move(step) {
  const all = rows();
  const next = row() ? all[all.indexOf(row()) + step] : all[0];
  if (next !== undefined) name(next).focus();
}

// « g », then the first letter of a page of the menu that no page before it has.
const pages = new Map();
for (const link of document.querySelectorAll("header + nav a")) {
  const letters = link.textContent.trim().toLowerCase().normalize("NFD").replace(/[^a-z]/g, "");
  const free = [...letters].find((letter) => !pages.has(letter));
  if (free !== undefined) pages.set(free, link);
}
let going = false;

const acts = {
  j: () => move(1),
  k: () => move(-1),
  x: () => row()?.querySelector("input[type=checkbox]")?.click(),
  a: () => {
    const boxes = [...list.querySelectorAll("tbody input[name=logement]")];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  },
  // What was noted last of a row: an act that others were notified of has no undo.
  u: () => document.querySelector("[data-undo]")?.click(),
  g: () => {
    going = true;
  },
  "?": () => {
    help.open = true;
    help.querySelector("summary").focus();
  },
};

// The act of a row says which key does it (« c » confirms, « o » sends elsewhere).
const act = (key) => acts[key] ?? (/^[a-z]$/.test(key) && row()?.querySelector(`[data-key=${key}]`));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("#agir")) document.querySelector("#agir a").click();
  if (!on.checked || typing(event.target) || !within(event.target)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  const asked = going ? pages.get(event.key) : act(event.key);
  going = false;
  if (!asked) return;
  event.preventDefault();
  if (asked instanceof HTMLElement) asked.click();
  else asked();
});

// Whoever did the act of a row comes back to what took its place; after the last of a page, to the last that is left.
// Whoever opened the form of a row is in its first field: once the browser has gone to its anchor, which takes no focus.
function arrive() {
  if (/^#rang-\d+$/.test(location.hash)) {
    const last = rows().at(-1);
    (document.querySelector(location.hash) ?? (last && name(last)))?.focus();
  } else if (location.hash === "#agir") {
    document.querySelector("#agir :is(input:not([type=hidden]), select, textarea, button)")?.focus();
  }
}
addEventListener("load", () => requestAnimationFrame(arrive));

// What was done is heard: a status is read when it changes, not when the page comes with it.
for (const status of document.querySelectorAll("main [role=status] p")) {
  const words = [...status.childNodes];
  status.replaceChildren();
  setTimeout(() => status.replaceChildren(...words), 100);
}

const go = [...pages].map(([letter, link]) => `${letter} : ${link.textContent.trim().replace(/\s+/g, " ")}`);
help.querySelector("[data-pages]").textContent = go.join(", ");
on.addEventListener("change", () => on.form.requestSubmit());
help.hidden = false;
