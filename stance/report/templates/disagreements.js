"use strict";
// Where one actor says yes to what another says no to.

const NEAR = 2; // sentences between the two sides of a disagreement that are still taken together

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
    const number = (position) => ARTICLES[position.article][2][position.index][1];
    let first = 0; // both sides are in the order of the text
    for (const one of ones) {
      while (first < others.length && number(others[first]) < number(one) - NEAR) first++;
      for (let i = first; i < others.length && number(others[i]) <= number(one) + NEAR; i++) {
        const other = others[i];
        const distance = Math.abs(number(one) - number(other));
        if (one.actor === other.actor) continue;
        const key = Math.min(one.actor, other.actor) + "/" + Math.max(one.actor, other.actor);
        const place = { one, other, distance, sure: one.score * other.score, places: 1 };
        const old = pairs.get(key);
        if (!old || distance < old.distance || (distance === old.distance && place.sure > old.sure))
          pairs.set(key, { ...place, places: (old?.places || 0) + 1 });
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
  const side = (position) =>
    h(
      "span",
      { class: "side" },
      chip(position.stance, position.score < LOW),
      " ",
      h("strong", null, isolated(actorName(position.actor))),
      " ",
      LABELS[position.stance][0],
      ` ${percent(position.score)}`,
    );
  return h(
    "li",
    { class: "card" },
    h("p", { class: "sides" }, side(one), side(other)),
    h(
      "blockquote",
      { dir: "auto" },
      shown.map((index, i) => [
        i > 0 && h("span", { class: "soft" }, shown[1] - shown[0] > 1 || sentences[index][3] ? " […] " : " "),
        markedSentence(onlyActors(sentences[index], [one.actor, other.actor])),
      ]),
    ),
    h(
      "p",
      { class: "source" },
      h("a", { href: link({ view: "article", article: one.article, actor: one.actor, sentence: one.index }) }, isolated(id)),
      date && ` · ${date}`,
      distance ? ` · ${distance === 1 ? "next sentence" : `${distance} sentences apart`}` : " · same sentence",
      places > 1 && ` · and ${count(places - 1, "more place")}`,
    ),
  );
}

const onlyActors = ([text, number, begins, left, mentions], actors) => [
  text,
  number,
  begins,
  left,
  mentions.filter((m) => actors.includes(m[2])),
];

function disagreementTable(found) {
  const header = [
    "article_id",
    "date",
    "distance",
    "actor_1",
    "stance_1",
    "score_1",
    "sentence_1",
    "actor_2",
    "stance_2",
    "score_2",
    "sentence_2",
  ];
  const side = (p) => [actorName(p.actor), LABELS[p.stance][0], p.score / 1000, ARTICLES[p.article][2][p.index][0]];
  return {
    header,
    rows: found.map(({ one, other, distance }) => [
      ARTICLES[one.article][0],
      ARTICLES[one.article][1],
      distance,
      ...side(one),
      ...side(other),
    ]),
  };
}

function disagreementSection(positions, refresh, actor = null) {
  if (LABELS.length < 2) return null;
  const pair = state.pair || [0, 1];
  const all = disagreements(pair, positions);
  const found = actor === null ? all : all.filter(({ one, other }) => one.actor === actor || other.actor === actor);
  const same = found.filter((d) => !d.distance).length;
  const choose = (side) =>
    h(
      "select",
      {
        "aria-label": side ? "against" : "one actor is",
        onchange: (event) => {
          state.pair = [...pair];
          state.pair[side] = Number(event.target.value);
          refresh("pair" + side);
        },
        id: "pair" + side,
      },
      LABELS.map(([name], i) => h("option", { value: i, selected: i === pair[side] }, name)),
    );
  const [list, more] = paged(found, disagreementCard, {
    step: actor === null ? 6 : 3,
    list: h("ul", { class: "cards" }),
    unit: "disagreements",
  });
  return h(
    "section",
    { id: "disagreements", "aria-labelledby": "disagreements-title" },
    h("h2", { id: "disagreements-title" }, "Disagreements"),
    h(
      "p",
      { class: "prose soft small" },
      `One actor is `,
      h("strong", null, LABELS[pair[0]][0]),
      ` where another is `,
      h("strong", null, LABELS[pair[1]][0]),
      `, in one sentence (${same.toLocaleString("en")}, first) or at most ${NEAR} sentences apart in one article `,
      `(${(found.length - same).toLocaleString("en")}); the surest first. A pair of actors counts once an article. `,
      "Close sentences mostly speak of one matter, but not always: read them before you quote.",
    ),
    h(
      "p",
      { class: "controls" },
      LABELS.length > 2 && [h("span", { class: "small" }, "Compare ", choose(0), " with ", choose(1))],
      exportButton("disagreements.csv", () => disagreementTable(found)),
    ),
    found.length ? [list, more] : h("p", { class: "soft" }, "None found."),
  );
}
