"use strict";
// Many articles: who stands where in all of them. A position is one actor in one sentence of one article.

const state = { sure: false, search: "", named: ACTORS.some(([, named]) => named), sort: "sentences", descending: true, pair: DATA.opposed, share: false, find: "" };
const NEAR = 2;  // sentences between the two sides of a disagreement that are still taken together

// --- positions ---------------------------------------------------------------------------------------------------------

function positionsOf(article) {
  const found = [];
  ARTICLES[article][2].forEach((sentence, index) => {
    const seen = new Set();
    for (const mention of sentence[4]) {
      if (stanceOf(mention) === LINKED || seen.has(mention[2])) continue;
      seen.add(mention[2]);
      found.push({ article, index, mention, actor: mention[2], stance: stanceOf(mention), score: best(mention[4]) ?? 1000 });
    }
  });
  return found;
}

const POSITIONS = ARTICLES.flatMap((_, article) => positionsOf(article));
const counted = (position) => !state.sure || (position.stance >= 0 && position.score >= LOW);

function tally(positions) {
  const counts = new Array(LABELS.length + 1).fill(0);  // the last: no label
  for (const position of positions) counts[position.stance < 0 ? LABELS.length : position.stance]++;
  return counts;
}

const sentenceKey = (position) => `${position.article}/${position.index}`;

function sentenceTable(positions) {
  const [first] = positions;
  const many = first && first.mention[4].length === LABELS.length;
  const second = DATA.primary === "stance" ? ["sentiment"] : [];
  const header = ["article_id", "date", "sentence_id", "sentence", "actor", "mention", DATA.primary, `${DATA.primary}_score`,
    ...(many ? LABELS.map(([name]) => `p_${name}`) : []), ...second, "cue"];
  const rows = positions.map(({ article, index, mention, stance, actor }) => {
    const [id, date, sentences] = ARTICLES[article];
    const [text, number] = sentences[index];
    const [start, end, , , p, mood, , cueStart, cueEnd] = mention;
    return [id, date, number - 1, text, actorName(actor), start < 0 ? "" : text.slice(start, end), stance < 0 ? "" : LABELS[stance][0], p.length ? best(p) / 1000 : "",
      ...(many ? LABELS.map((_, i) => (p[i] ?? 0) / 1000) : []), ...second.map(() => (mood < 0 ? "" : SENTIMENTS[mood][0])), cueStart < 0 ? "" : text.slice(cueStart, cueEnd)];
  });
  return { header, rows };
}

// --- bars --------------------------------------------------------------------------------------------------------------

// A stacked bar; each part leads to its sentences.
function stackedBar(counts, filter, who) {
  const total = counts.reduce((a, b) => a + b, 0);
  return h("span", { class: "bar" }, counts.map((n, stance) => {
    if (!n) return null;
    const name = stance < LABELS.length ? LABELS[stance][0] : "no label";
    const sign = stance < LABELS.length ? LABELS[stance][1] : "?";
    const part = h("a", { class: `part ${stance < LABELS.length ? `s${stance}` : "unlabelled"}`, title: `${name}: ${n.toLocaleString("en")} (${Math.round((100 * n) / total)}%)`,
      href: link({ view: "sentences", ...filter, stance: stance < LABELS.length ? stance : NONE }),
      "aria-label": `${who}, ${name}: ${count(n, "sentence")}` }, h("span", { "aria-hidden": "true" }, `${sign} ${n.toLocaleString("en")}`));
    part.style.flexGrow = n;
    return part;
  }));
}

// --- time --------------------------------------------------------------------------------------------------------------

const DAY = 86400000;
const TIME = timeScale();

// The finest unit that the dates allow and that gives at most 48 columns.
function timeScale() {
  const dates = ARTICLES.map(([, date]) => date);
  const known = dates.filter(Boolean).sort();
  if (!known.length) return null;
  const day = (date) => Math.floor(Date.UTC(...date.split("-").map(Number).map((n, i) => (i === 1 ? n - 1 : n))) / DAY);
  const month = (date) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
  const iso = (days) => new Date(days * DAY).toISOString().slice(0, 10);
  const units = [
    { unit: "day", digits: 10, of: day, label: iso },
    { unit: "week", digits: 10, of: (date) => Math.floor((day(date) + 3) / 7), label: (n) => iso(n * 7 - 3), long: (n) => `week of ${iso(n * 7 - 3)}` },
    { unit: "month", digits: 7, of: month, label: (n) => `${String(Math.floor(n / 12)).padStart(4, "0")}-${String((n % 12) + 1).padStart(2, "0")}` },
    { unit: "quarter", digits: 7, of: (date) => Math.floor(month(date) / 3), label: (n) => `${Math.floor(n / 4)} Q${(n % 4) + 1}` },
    { unit: "year", digits: 4, of: (date) => Number(date.slice(0, 4)), label: String },
    { unit: "decade", digits: 4, of: (date) => Math.floor(Number(date.slice(0, 4)) / 10), label: (n) => `${n * 10}s` },
  ];
  const digits = Math.min(...known.map((date) => date.length));
  const able = units.filter((scale) => scale.digits <= digits);
  const span = (scale) => scale.of(known.at(-1)) - scale.of(known[0]) + 1;
  const scale = able.find((scale) => span(scale) <= 48) || able.at(-1);
  const first = scale.of(known[0]);
  return { ...scale, size: span(scale), bins: dates.map((date) => (date ? scale.of(date) - first : NONE)), name: (bin) => scale.label(bin + first), longName: (bin) => (scale.long || scale.label)(bin + first),
    undated: dates.filter((date) => !date).length };
}

function timeline(positions, filter, chosen) {
  if (!TIME) return null;
  const bins = Array.from({ length: TIME.size }, () => []);
  for (const position of positions) if (TIME.bins[position.article] >= 0) bins[TIME.bins[position.article]].push(position);
  const counts = bins.map(tally);
  const totals = counts.map((c) => c.reduce((a, b) => a + b, 0));
  const top = Math.max(1, ...totals);
  const every = Math.ceil(TIME.size / 6);
  const columns = counts.map((parts, bin) => {
    const name = TIME.longName(bin);
    const said = parts.map((n, i) => n && `${i < LABELS.length ? LABELS[i][0] : "no label"} ${n}`).filter(Boolean).join(", ");
    const column = totals[bin]
      ? h("a", { class: "column", href: link({ view: "sentences", ...filter, bin: bin === chosen ? null : bin }), title: `${name}: ${said}`, "aria-label": `${name}: ${said}`, "aria-current": bin === chosen ? "true" : null })
      : h("span", { class: "column" });
    parts.forEach((n, i) => {
      if (!n) return;
      const part = h("span", { class: `part ${i < LABELS.length ? `s${i}` : "unlabelled"}` });
      part.style.height = `${(100 * n) / (state.share ? totals[bin] : top)}%`;
      column.append(part);
    });
    return h("li", { class: chosen >= 0 && bin !== chosen ? "other" : null }, column, h("span", { class: "tick", "aria-hidden": "true" }, bin % every || bin > TIME.size - every / 2 ? "" : TIME.name(bin)));
  });
  return h("figure", { class: "timeline" },
    h("figcaption", { class: "soft small" }, state.share ? `Share of sentences a ${TIME.unit}` : `Sentences a ${TIME.unit}; the highest column is ${top.toLocaleString("en")}`,
      TIME.undated ? `; ${count(TIME.undated, "article")} without a date left out` : "", ". Press a column for its sentences."),
    h("ul", { class: "plot" }, columns));
}

// --- disagreements -------------------------------------------------------------------------------------------------------

/* Two actors in one sentence, or at most NEAR sentences apart in one article, of whom one has the first label of ``pair`` and
   the other the second. A pair of actors counts once an article, at its closest and, of equally close, its surest place. */
function disagreements(pair, positions) {
  const byArticle = new Map();
  for (const position of positions) {
    const side = pair.indexOf(position.stance);
    if (side < 0) continue;
    if (!byArticle.has(position.article)) byArticle.set(position.article, [[], []]);
    byArticle.get(position.article)[side].push(position);
  }
  const found = [];
  for (const [ones, others] of byArticle.values()) {
    const pairs = new Map();
    for (const one of ones) {
      for (const other of others) {
        const distance = Math.abs(ARTICLES[one.article][2][one.index][1] - ARTICLES[one.article][2][other.index][1]);
        if (one.actor === other.actor || distance > NEAR) continue;
        const key = Math.min(one.actor, other.actor) + "/" + Math.max(one.actor, other.actor);
        const place = { one, other, distance, sure: one.score * other.score, places: 1 };
        const old = pairs.get(key);
        if (!old || distance < old.distance || (distance === old.distance && place.sure > old.sure)) pairs.set(key, { ...place, places: (old?.places || 0) + 1 });
        else old.places++;
      }
    }
    found.push(...pairs.values());
  }
  return found.sort((a, b) => a.distance - b.distance || b.sure - a.sure);
}

function disagreementCard({ one, other, distance, places }) {
  const [id, date, sentences] = ARTICLES[one.article];
  const shown = [...new Set([one.index, other.index])].sort((a, b) => a - b);
  const side = (position) => h("span", { class: "side" }, chip(position.stance, position.score < LOW), " ", h("strong", null, isolated(actorName(position.actor))), " ", LABELS[position.stance][0], ` ${percent(position.score)}`);
  return h("li", { class: "card" },
    h("p", { class: "sides" }, side(one), side(other)),
    h("blockquote", { dir: "auto" }, shown.map((index, i) => [
      i > 0 && h("span", { class: "soft" }, shown[1] - shown[0] > 1 || sentences[index][3] ? " […] " : " "),
      markedSentence(onlyActors(sentences[index], [one.actor, other.actor]))])),
    h("p", { class: "source" }, h("a", { href: link({ view: "article", article: one.article, actor: one.actor, sentence: one.index }) }, isolated(id)),
      date && ` · ${date}`, distance ? ` · ${distance === 1 ? "next sentence" : `${distance} sentences apart`}` : " · same sentence", places > 1 && ` · and ${count(places - 1, "more place")}`));
}

const onlyActors = ([text, number, begins, left, mentions], actors) => [text, number, begins, left, mentions.filter((m) => actors.includes(m[2]))];

function disagreementTable(found) {
  const header = ["article_id", "date", "distance", "actor_1", "stance_1", "score_1", "sentence_1", "actor_2", "stance_2", "score_2", "sentence_2"];
  const side = (p) => [actorName(p.actor), LABELS[p.stance][0], p.score / 1000, ARTICLES[p.article][2][p.index][0]];
  return { header, rows: found.map(({ one, other, distance }) => [ARTICLES[one.article][0], ARTICLES[one.article][1], distance, ...side(one), ...side(other)]) };
}

function disagreementSection(positions, refresh, actor = null) {
  if (LABELS.length < 2) return null;
  const pair = state.pair || [0, 1];
  const all = disagreements(pair, positions);
  const found = actor === null ? all : all.filter(({ one, other }) => one.actor === actor || other.actor === actor);
  const same = found.filter((d) => !d.distance).length;
  const choose = (side) => h("select", { "aria-label": side ? "against" : "one actor is", onchange: (event) => { state.pair = [...pair]; state.pair[side] = Number(event.target.value); refresh("pair" + side); }, id: "pair" + side },
    LABELS.map(([name], i) => h("option", { value: i, selected: i === pair[side] }, name)));
  const [list, more] = paged(found, disagreementCard, { step: actor === null ? 6 : 3, list: h("ul", { class: "cards" }), unit: "disagreements" });
  return h("section", { id: "disagreements", "aria-labelledby": "disagreements-title" },
    h("h2", { id: "disagreements-title" }, "Disagreements"),
    h("p", { class: "prose soft small" },
      `One actor is `, h("strong", null, LABELS[pair[0]][0]), ` where another is `, h("strong", null, LABELS[pair[1]][0]),
      `, in one sentence (${same.toLocaleString("en")}, first) or at most ${NEAR} sentences apart in one article (${(found.length - same).toLocaleString("en")}); the surest first. A pair of actors counts once an article. `,
      "Close sentences mostly speak of one matter, but not always: read them before you quote."),
    h("p", { class: "controls" }, LABELS.length > 2 && [h("span", { class: "small" }, "Compare ", choose(0), " with ", choose(1))], exportButton("disagreements.csv", () => disagreementTable(found))),
    found.length ? [list, more] : h("p", { class: "soft" }, "None found."));
}

// --- actors --------------------------------------------------------------------------------------------------------------

function actorRows(positions) {
  const found = new Map();
  for (const position of positions) {
    let row = found.get(position.actor);
    if (!row) found.set(position.actor, (row = { actor: position.actor, counts: new Array(LABELS.length + 1).fill(0), articles: new Set(), sentences: 0 }));
    row.counts[position.stance < 0 ? LABELS.length : position.stance]++;
    row.articles.add(position.article);
    row.sentences++;
  }
  return [...found.values()];
}

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function sorted(rows) {
  const by = {
    actor: (a, b) => actorName(b.actor).localeCompare(actorName(a.actor), "en"),
    articles: (a, b) => a.articles.size - b.articles.size,
    sentences: (a, b) => a.sentences - b.sentences,
  }[state.sort] || ((a, b) => a.counts[state.sort] - b.counts[state.sort] || a.counts[state.sort] / a.sentences - b.counts[state.sort] / b.sentences);
  return rows.sort((a, b) => (state.descending ? -1 : 1) * by(a, b) || b.sentences - a.sentences || a.actor - b.actor);
}

function actorSection(positions) {
  const all = actorRows(positions);
  const place = h("div");
  const shown = () => {
    const wanted = fold(state.search.trim());
    return sorted(all.filter((row) => (!state.named || ACTORS[row.actor][1]) && fold(actorName(row.actor)).includes(wanted)));
  };
  const header = (key, name, number) => h("th", { scope: "col", class: number ? "number" : null, "aria-sort": state.sort === key ? (state.descending === (key !== "actor") ? "descending" : "ascending") : null },
    h("button", { type: "button", class: "plain sort", "data-sort": key, onclick: () => { state.descending = state.sort === key ? !state.descending : true; state.sort = key; draw(); place.querySelector(`[data-sort="${key}"]`).focus(); } },
      name, h("span", { "aria-hidden": "true" }, state.sort === key ? (state.descending === (key !== "actor") ? " ↓" : " ↑") : "")));
  function draw() {
    const rows = shown();
    select.value = state.sort;
    const [tbody, more] = paged(rows, (row) => h("tr", null,
      h("th", { scope: "row" }, h("a", { href: link({ view: "sentences", actor: row.actor }) }, isolated(actorName(row.actor)))),
      h("td", { class: "number" }, row.articles.size.toLocaleString("en")),
      h("td", { class: "number" }, row.sentences.toLocaleString("en")),
      h("td", { class: "wide" }, stackedBar(row.counts, { actor: row.actor }, actorName(row.actor)))), { step: 25, list: h("tbody"), unit: "actors" });
    place.replaceChildren(
      h("div", { class: "scroll" }, h("table", { class: "with-bars" },
        h("caption", null, `${count(rows.length, "actor")}. A part of a bar leads to its sentences.`),
        h("thead", null, h("tr", null, header("actor", "Actor"), header("articles", "Articles", true), header("sentences", "Sentences", true), h("th", { scope: "col" }, "Share of sentences"))), tbody)),
      more);
    say(count(rows.length, "actor"));
  }
  const select = h("select", { id: "sort", onchange: () => { state.sort = select.value; state.descending = true; draw(); } },
    ["sentences", "articles", "actor"].map((key) => h("option", { value: key }, { actor: "name", articles: "articles", sentences: "sentences" }[key])),
    LABELS.map(([name], i) => h("option", { value: i }, `most ${name}`)));
  const section = h("section", { id: "actors", "aria-labelledby": "actors-title" },
    h("h2", { id: "actors-title" }, "Actors"),
    h("p", { class: "prose soft small" }, "An actor's names are linked inside an article; between articles actors are the same if their names are, so “officials” of two articles may be different people."),
    h("div", { class: "controls" },
      h("label", null, "Search ", h("input", { type: "search", id: "search", value: state.search, placeholder: "name of an actor", oninput: (event) => { state.search = event.target.value; draw(); } })),
      h("label", null, "Sort by ", select),
      h("label", null, h("input", { type: "checkbox", checked: state.named, onchange: (event) => { state.named = event.target.checked; draw(); } }), " named actors only"),
      exportButton("actors.csv", () => ({ header: ["actor", "articles", "sentences", ...LABELS.map(([name]) => name)], rows: shown().map((row) => [actorName(row.actor), row.articles.size, row.sentences, ...row.counts.slice(0, LABELS.length)]) }))),
    place);
  draw();
  return section;
}

// --- articles ------------------------------------------------------------------------------------------------------------

function articleSection(positions) {
  const place = h("div");
  const byArticle = new Map(ARTICLES.map((_, article) => [article, []]));
  for (const position of positions) byArticle.get(position.article).push(position);
  const shown = () => ARTICLES.map((_, i) => i).filter((i) => fold(ARTICLES[i][0]).includes(fold(state.find.trim())));
  function draw() {
    const numbers = shown();
    const [tbody, more] = paged(numbers, (article) => h("tr", null,
      h("th", { scope: "row" }, h("a", { href: link({ view: "article", article }) }, isolated(ARTICLES[article][0] || `article ${article + 1}`))),
      TIME && h("td", { class: "number" }, ARTICLES[article][1] || "–"),
      h("td", { class: "number" }, new Set(byArticle.get(article).map((p) => p.actor)).size),
      h("td", { class: "wide" }, stackedBar(tally(byArticle.get(article)), { article }, ARTICLES[article][0]))), { step: 15, list: h("tbody"), unit: "articles" });
    place.replaceChildren(h("div", { class: "scroll" }, h("table", { class: "with-bars" },
      h("caption", null, count(numbers.length, "article")),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Article"), TIME && h("th", { scope: "col", class: "number" }, "Date"), h("th", { scope: "col", class: "number" }, "Actors"), h("th", { scope: "col" }, "Share of positions"))), tbody)), more);
  }
  draw();
  return h("section", { id: "articles", "aria-labelledby": "articles-title" },
    h("h2", { id: "articles-title" }, "Articles"),
    h("div", { class: "controls" }, h("label", null, "Search ", h("input", { type: "search", id: "find", value: state.find, placeholder: "article", oninput: (event) => { state.find = event.target.value; draw(); } })),
      exportButton("articles.csv", () => ({ header: ["article_id", "date", "actors", ...LABELS.map(([name]) => name)], rows: shown().map((i) => [ARTICLES[i][0], ARTICLES[i][1], new Set(byArticle.get(i).map((p) => p.actor)).size, ...tally(byArticle.get(i)).slice(0, LABELS.length)]) }))),
    place);
}

// --- views ---------------------------------------------------------------------------------------------------------------

function sureBox(refresh) {
  const unsure = POSITIONS.filter((p) => p.score < LOW || p.stance < 0).length;
  return h("label", { class: "small" }, h("input", { type: "checkbox", id: "sure", checked: state.sure, onchange: (event) => { state.sure = event.target.checked; refresh("sure"); } }),
    ` Leave out what is under ${percent(LOW)} sure (${unsure.toLocaleString("en")} of ${POSITIONS.length.toLocaleString("en")})`);
}

function timeControls(refresh, positions) {
  const table = () => {
    const bins = Array.from({ length: TIME.size }, () => []);
    for (const position of positions) TIME.bins[position.article] >= 0 && bins[TIME.bins[position.article]].push(position);
    return { header: [TIME.unit, ...LABELS.map(([name]) => name)], rows: bins.map((of, bin) => [TIME.name(bin), ...tally(of).slice(0, LABELS.length)]) };
  };
  return h("p", { class: "controls" }, exportButton("timeline.csv", table), h("button", { type: "button", id: "share", "aria-pressed": String(state.share), onclick: () => { state.share = !state.share; refresh("share"); } }, "As shares"));
}

function overview(refresh) {
  const positions = POSITIONS.filter(counted);
  return h("div", null,
    h("section", { class: "summary", "aria-label": "All positions" },
      stackedBar(tally(positions), {}, "All actors"),
      legend(),
      h("p", { class: "controls" }, sureBox(refresh))),
    disagreementSection(positions, refresh),
    actorSection(positions),
    TIME && h("section", { id: "time", "aria-labelledby": "time-title" }, h("h2", { id: "time-title" }, "Over time"), timeControls(refresh, positions), timeline(positions, {}, NONE)),
    articleSection(positions));
}

// The sentences of an actor, an article, a stance or a time, and of an actor where it stands in each article.
function sentencesView({ actor, article, stance, bin }, refresh) {
  const base = POSITIONS.filter((p) => counted(p) && (actor === null || p.actor === actor) && (article === null || p.article === article));
  const inTime = bin === null ? base : base.filter((p) => TIME.bins[p.article] === bin);
  const positions = stance === null ? inTime : inTime.filter((p) => p.stance === stance);
  const ofStance = stance === null ? base : base.filter((p) => p.stance === stance);
  const counts = tally(inTime);
  const filter = { actor, article, bin };
  const choice = (value, name, n, mark) => h("a", { class: "button", href: link({ view: "sentences", ...filter, stance: value }), "aria-current": stance === value ? "true" : null }, mark, ` ${name} `, h("span", { class: "soft" }, n.toLocaleString("en")));
  const [list, more] = paged(positions, sentenceItem, { step: actor === null ? 30 : 8, list: h("ol", { class: "sentences" }), unit: "sentences" });
  const title = actor !== null ? actorName(actor) : article !== null ? ARTICLES[article][0] : "All actors";
  return h("div", null,
    h("p", { class: "screen" }, h("a", { href: "#" }, "← All articles")),
    h("h2", { tabindex: "-1", class: "first" }, isolated(title)),
    h("p", { class: "soft" }, `${count(base.length, "sentence")} in ${count(new Set(base.map((p) => p.article)).size, "article")}`,
      article !== null && [" · ", h("a", { href: link({ view: "article", article }) }, "read the article")]),
    h("p", { class: "controls" }, sureBox(refresh)),
    TIME && article === null && [timeControls(refresh, ofStance), timeline(ofStance, { actor, article, stance }, bin ?? NONE)],
    h("section", { "aria-labelledby": "sentences-title" },
      h("h2", { id: "sentences-title" }, "Sentences", bin !== null && h("span", { class: "soft" }, ` · ${TIME.longName(bin)}`)),
      h("div", { class: "controls filters", role: "group", "aria-label": "Stance" },
        choice(null, "all", inTime.length),
        LABELS.map(([name], i) => (counts[i] > 0 || stance === i) && choice(i, name, counts[i], chip(i))),
        counts[LABELS.length] > 0 && choice(NONE, "no label", counts[LABELS.length], chip(NONE)),
        bin !== null && h("a", { class: "button", href: link({ view: "sentences", actor, article, stance }) }, "every time"),
        exportButton("sentences.csv", () => sentenceTable(positions))),
      positions.length ? [list, more] : h("p", { class: "soft" }, "No sentence.")),
    actor !== null && article === null && articlesOf(inTime, actor),
    actor !== null && article === null && bin === null && stance === null && disagreementSection(POSITIONS.filter(counted), refresh, actor));
}

function sentenceItem({ article, index, mention, actor, stance }) {
  const [id, date, sentences] = ARTICLES[article];
  const sentence = sentences[index];
  return h("li", null,
    h("blockquote", { dir: "auto" }, markedSentence(sentence, { only: actor })),
    h("p", { class: "source" }, h("strong", null, isolated(actorName(actor))), " ", chip(stance, isUnsure(mention)), ` ${describe(mention)} · `,
      h("a", { href: link({ view: "article", article, actor, sentence: index }) }, isolated(id || `article ${article + 1}`), `, sentence ${sentence[1]}`), date && ` · ${date}`));
}

// An actor, article by article: the stance of each of its sentences in order.
function articlesOf(positions, actor) {
  const byArticle = new Map();
  for (const position of positions) {
    if (!byArticle.has(position.article)) byArticle.set(position.article, []);
    byArticle.get(position.article).push(position);
  }
  const numbers = [...byArticle.keys()].sort((a, b) => (ARTICLES[a][1] || "9999").localeCompare(ARTICLES[b][1] || "9999") || a - b);
  const [tbody, more] = paged(numbers, (article) => h("tr", null,
    h("th", { scope: "row" }, h("a", { href: link({ view: "article", article, actor }) }, isolated(ARTICLES[article][0] || `article ${article + 1}`))),
    TIME && h("td", { class: "number" }, ARTICLES[article][1] || "–"),
    h("td", null, h("span", { class: "strip" }, byArticle.get(article).map((p) => {
      const label = `Sentence ${ARTICLES[article][2][p.index][1]}: ${describe(p.mention)}`;
      return h("a", { href: link({ view: "article", article, actor, sentence: p.index }), title: label, "aria-label": label }, chip(p.stance, isUnsure(p.mention)));
    })))), { step: 10, list: h("tbody"), unit: "articles" });
  return h("section", { "aria-labelledby": "by-article" }, h("h2", { id: "by-article" }, "Article by article"),
    h("div", { class: "scroll" }, h("table", null, h("caption", null, "One sign a sentence, in the order of the text."),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Article"), TIME && h("th", { scope: "col", class: "number" }, "Date"), h("th", { scope: "col" }, "Sentence by sentence"))), tbody)), more);
}
