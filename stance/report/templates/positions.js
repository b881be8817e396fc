"use strict";
// What is counted: a position is one actor in one sentence of one article. Tables and bars of positions.

// What the reader has chosen; it outlives a change of view.
const state = {
  sure: false,
  search: "",
  named: ACTORS.some(([, named]) => named),
  sort: "sentences",
  descending: true,
  pair: DATA.opposed,
  share: false,
  find: "",
};

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
  const counts = new Array(LABELS.length + 1).fill(0); // the last: no label
  for (const position of positions) counts[position.stance < 0 ? LABELS.length : position.stance]++;
  return counts;
}

function sentenceTable(positions) {
  const [first] = positions;
  const many = first && first.mention[4].length === LABELS.length;
  const second = DATA.primary === "stance" ? ["sentiment"] : [];
  const header = [
    "article_id",
    "date",
    "sentence_id",
    "sentence",
    "actor",
    "mention",
    DATA.primary,
    `${DATA.primary}_score`,
    ...(many ? LABELS.map(([name]) => `p_${name}`) : []),
    ...second,
    "cue",
  ];
  const rows = positions.map(({ article, index, mention, stance, actor }) => {
    const [id, date, sentences] = ARTICLES[article];
    const [text, number] = sentences[index];
    const [start, end, , , p, mood, , cueStart, cueEnd] = mention;
    return [
      id,
      date,
      number - 1,
      text,
      actorName(actor),
      start < 0 ? "" : text.slice(start, end),
      stance < 0 ? "" : LABELS[stance][0],
      p.length ? best(p) / 1000 : "",
      ...(many ? LABELS.map((_, i) => (p[i] ?? 0) / 1000) : []),
      ...second.map(() => (mood < 0 ? "" : SENTIMENTS[mood][0])),
      cueStart < 0 ? "" : text.slice(cueStart, cueEnd),
    ];
  });
  return { header, rows };
}

// A stacked bar; each part leads to its sentences.
function stackedBar(counts, filter, who) {
  const total = counts.reduce((a, b) => a + b, 0);
  return h(
    "span",
    { class: "bar" },
    counts.map((n, stance) => {
      if (!n) return null;
      const name = stance < LABELS.length ? LABELS[stance][0] : "no label";
      const sign = stance < LABELS.length ? LABELS[stance][1] : "?";
      const part = h(
        "a",
        {
          class: `part ${stance < LABELS.length ? `s${stance}` : "unlabelled"}`,
          title: `${name}: ${n.toLocaleString("en")} (${Math.round((100 * n) / total)}%)`,
          href: link({ view: "sentences", ...filter, stance: stance < LABELS.length ? stance : NONE }),
          "aria-label": `${who}, ${name}: ${count(n, "sentence")}`,
        },
        h("span", { "aria-hidden": "true" }, `${sign} ${n.toLocaleString("en")}`),
      );
      part.style.flexGrow = n;
      return part;
    }),
  );
}
