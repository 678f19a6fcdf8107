// Single keys of « À faire »: heard only while the focus is in the list, and never in a field (WCAG 2.1.4).
"use strict";

const list = document.getElementById("a-faire");
const help = document.getElementById("touches");
const on = help.querySelector("input");
const KEPT = "touches";

const rows = () => [...list.querySelectorAll("tbody tr")];
const row = () => document.activeElement.closest("#a-faire tbody tr");
const name = (each) => each.querySelector("th a");
const typing = (target) => target.matches("select, textarea, input:not([type=checkbox])");

function move(step) {
  const all = rows();
  const next = all[all.indexOf(row()) + step];
  if (next !== undefined) name(next).focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  x: () => row()?.querySelector("input[type=checkbox]")?.click(),
  c: () => row()?.querySelector("button[name=seul]")?.click(),
  o: () => row()?.querySelector("a[href$='#classement']")?.click(),
  "/": () => document.getElementById("q").focus(),
  "?": () => {
    help.open = true;
    help.querySelector("summary").focus();
  },
};

list.addEventListener("keydown", (event) => {
  const act = acts[event.key];
  if (act === undefined || !on.checked || typing(event.target)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  event.preventDefault();
  act();
});

// Whoever did the act of a row comes back to what took its place; after the last of a page, to the last that is left.
if (/^#rang-\d+$/.test(location.hash)) {
  const last = rows().at(-1);
  (document.querySelector(location.hash) ?? (last && name(last)))?.focus();
}

on.checked = localStorage.getItem(KEPT) !== "non";
on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "oui" : "non"));
help.hidden = false;
