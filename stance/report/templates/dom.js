"use strict";
// The page's data, and the parts that its views are built of. Text from articles becomes text nodes and attributes, never markup.
const DATA = JSON.parse(document.getElementById("data").textContent);
const { labels: LABELS, sentiments: SENTIMENTS, actors: ACTORS, articles: ARTICLES, low: LOW } = DATA;
const NONE = -1,
  LINKED = -2;
const NO_POSITION = new Set(DATA.none),
  PLAIN = new Set(DATA.plain);

function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const percent = (thousandths) => `${Math.round(thousandths / 10)}%`;
const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many || one + "s"}`;
const actorName = (actor) => ACTORS[actor][0];
const isolated = (text) => h("bdi", null, text);

// A mention, as the data gives it: [start, end, actor, stance, probabilities, sentiment, probabilities, cue start, cue end].
const stanceOf = (mention) => mention[3];
const best = (probabilities) => (probabilities.length ? Math.max(...probabilities) : null);
const isUnsure = (mention) =>
  mention[3] === NONE ? mention[4].length > 0 : mention[3] >= 0 && best(mention[4]) !== null && best(mention[4]) < LOW;

function stanceName(mention) {
  if (stanceOf(mention) === LINKED) return "linked, no position of its own";
  if (stanceOf(mention) >= 0) return LABELS[stanceOf(mention)][0];
  return mention[4].length ? "unsure" : "no stance";
}

function describe(mention) {
  const parts = [stanceName(mention)];
  if (best(mention[4]) !== null)
    parts.push(percent(best(mention[4])) + (isUnsure(mention) && stanceOf(mention) >= 0 ? ", unsure" : ""));
  if (mention[5] >= 0 && !PLAIN.has(mention[5])) parts.push(SENTIMENTS[mention[5]][0]);
  return parts.join(", ");
}

// The sign of a stance on its colour; dashed and without colour where the model is unsure.
function chip(stance, unsure) {
  if (!LABELS.length) return ""; // a model without stances
  const sign = stance >= 0 ? LABELS[stance][1] : "?";
  return h("span", { class: `chip s${stance}${unsure || stance < 0 ? " unsure" : ""}`, "aria-hidden": "true" }, sign);
}

const moodMark = (sentiment) =>
  sentiment >= 0 &&
  !PLAIN.has(sentiment) &&
  h("span", { class: `mood m${sentiment}`, "aria-hidden": "true" }, SENTIMENTS[sentiment][1]);

const legend = () =>
  h(
    "ul",
    { class: "legend" },
    LABELS.map(([name], stance) => h("li", null, chip(stance), " ", name)),
    SENTIMENTS.map(([name], mood) => !PLAIN.has(mood) && h("li", null, moodMark(mood), " portrayed ", name)),
    h("li", null, h("span", { class: "chip unsure" }, "?"), ` under ${percent(LOW)} sure`),
    h("li", null, h("span", { class: "cue" }, "cue"), " the words that carry the position"),
  );

/* One sentence, its mentions marked and its cues underlined. ``only``: the actor whose mentions are marked, all unless given.
   Mentions do not nest in what is made: what lies inside another is a part of it that can be followed, and no button. */
function markedSentence(sentence, { button = false, only = null } = {}) {
  const [text, , , , mentions] = sentence;
  const length = text.length;
  const outer = new Array(length).fill(null),
    inner = new Array(length).fill(null),
    cue = new Array(length).fill(null);
  for (const mention of mentions) {
    const [start, end, actor, , , , , cueStart, cueEnd] = mention;
    if (only !== null && actor !== only) continue;
    for (let i = cueStart; i >= 0 && i < cueEnd; i++) cue[i] = cue[i] || mention;
    if (start < 0) continue;
    const layer = outer[start] ? inner : outer;
    for (let i = start; i < end; i++) if (!layer[i] && (layer === outer || outer[i])) layer[i] = mention;
  }
  const nodes = [];
  for (let i = 0, j; i < length; i = j) {
    for (j = i + 1; j < length && outer[j] === outer[i];) j++;
    const parts = [];
    for (let k = i, l; k < j; k = l) {
      for (l = k + 1; l < j && inner[l] === inner[k] && cue[l] === cue[k];) l++;
      let part = text.slice(k, l);
      if (cue[k]) part = h("span", { class: `cue s${cue[k][3]}`, "data-cue": cue[k][2] }, part);
      if (inner[k]) part = h("span", { class: "within", "data-actor": inner[k][2] }, part);
      parts.push(part);
    }
    nodes.push(...(outer[i] ? [markedMention(outer[i], parts, button)] : parts));
  }
  return nodes;
}

function markedMention(mention, parts, button) {
  const stance = stanceOf(mention);
  const linked = stance === LINKED;
  const states = [linked ? "linked" : `s${stance}`, !linked && isUnsure(mention) && "unsure", NO_POSITION.has(stance) && "quiet"];
  const node = h(
    "span",
    { class: ["mention", ...states].filter(Boolean).join(" "), "data-actor": mention[2] },
    parts,
    !linked && h("span", { class: "signs" }, "\u2060", chip(stance, isUnsure(mention)), moodMark(mention[5])),
    h("span", { class: "unseen" }, ` (${describe(mention)})`),
  );
  if (button) {
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", "0");
    node.mention = mention;
  }
  return node;
}

// Pages of a long list: the first ``step`` items, and a button for as many more.
function paged(items, make, { step = 50, list = h("div"), unit = "more" } = {}) {
  let shown = 0;
  const more = h("button", { type: "button", class: "more screen", onclick: () => next(true) });
  function next(focus) {
    const fresh = items.slice(shown, shown + step).map((item, i) => make(item, shown + i));
    list.append(...fresh);
    shown += fresh.length;
    more.hidden = shown >= items.length;
    more.textContent = `Show ${Math.min(step, items.length - shown)} more of ${(items.length - shown).toLocaleString("en")} ${unit}`;
    if (focus && fresh.length) (fresh[0].querySelector("a, button") || fresh[0]).focus();
  }
  next(false);
  return [list, more];
}

// A spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe before it.
function csv(header, rows) {
  const cell = (value) => {
    let text = value === null || value === undefined ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return "\ufeff" + [header, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function exportButton(name, table) {
  return h(
    "button",
    {
      type: "button",
      class: "export",
      onclick: () => {
        const { header, rows } = table();
        download(name, csv(header, rows));
        say(`${count(rows.length, "row")} exported`);
      },
    },
    "Export CSV",
  );
}

const say = (text) => {
  document.getElementById("status").textContent = text;
};
const link = (parameters) =>
  "#" + new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined));
