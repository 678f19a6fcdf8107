// What the words of the search designate, acts and things, under its field as they are typed. A module: its names are its own.
const form = document.querySelector("form.search");
const field = form.querySelector("input");
const box = Object.assign(document.createElement("div"), { className: "panel found small", hidden: true });
const count = Object.assign(document.createElement("p"), { className: "small" });
count.setAttribute("role", "status");
form.append(box);

const FEWEST = 2;
const PAUSE = 250; // milliseconds without a key
const NUMBER = /\d{10}/; // a numéro unique is posted, never in an address
let timer = null;
let asked = "";

const links = () => [...box.querySelectorAll("a")];
const clear = () => {
  box.hidden = true;
  asked = "";
};

// The page of results has its answer, then a section for each kind: what it calls them, and its links.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const parts = [...page.querySelectorAll("main section")].map((section) => {
    const kind = Object.assign(document.createElement("p"), { className: "kicker" });
    kind.textContent = section.querySelector("h2").textContent;
    return [kind, section.querySelector("ul")];
  });
  box.replaceChildren(count, ...parts.flat());
  box.hidden = false;
  count.textContent = page.querySelector("main .answer")?.textContent.trim() ?? "";
}

async function look() {
  const words = field.value.trim();
  if (words.length < FEWEST || NUMBER.test(words.replace(/\s/g, ""))) return clear();
  if (words === asked) return;
  asked = words;
  try {
    const answer = await fetch(`${form.action}?q=${encodeURIComponent(words)}`);
    // Meanwhile other words were typed, or the session ended: the page itself says so to whoever goes on.
    if (words === asked && answer.ok && !answer.redirected) show(await answer.text());
  } catch {
    clear(); // no network: the button still tries
  }
}

// « / » goes to the field, on every page: never from another field, nor for whoever switched single keys off.
document.addEventListener("keydown", (event) => {
  if (event.key !== field.getAttribute("aria-keyshortcuts") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.isComposing || event.target.matches("select, textarea, [contenteditable], input:not([type=checkbox], [type=radio])")) return;
  event.preventDefault();
  field.focus();
});

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
});

form.addEventListener("keydown", (event) => {
  if (box.hidden) return;
  if (event.key === "Escape") {
    field.focus();
    clear();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = links();
  const at = all.indexOf(document.activeElement) + step;
  (at < 0 ? field : (all[at] ?? all.at(-1)))?.focus();
});

form.addEventListener("focusout", (event) => {
  if (!form.contains(event.relatedTarget)) clear();
});
