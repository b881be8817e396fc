"use strict";
// The sentences that a bar, an actor or a column leads to.

// The sentences of an actor, an article, a stance or a time, and of an actor where it stands in each article.
function sentencesView({ actor, article, stance, bin }, refresh) {
  const base = POSITIONS.filter(
    (p) => counted(p) && (actor === null || p.actor === actor) && (article === null || p.article === article),
  );
  const inTime = bin === null ? base : base.filter((p) => TIME.bins[p.article] === bin);
  const positions = stance === null ? inTime : inTime.filter((p) => p.stance === stance);
  const ofStance = stance === null ? base : base.filter((p) => p.stance === stance);
  const counts = tally(inTime);
  const filter = { actor, article, bin };
  const choice = (value, name, n, mark) =>
    h(
      "a",
      {
        class: "button",
        href: link({ view: "sentences", ...filter, stance: value }),
        "aria-current": stance === value ? "true" : null,
      },
      mark,
      ` ${name} `,
      h("span", { class: "soft" }, n.toLocaleString("en")),
    );
  const [list, more] = paged(positions, sentenceItem, {
    step: actor === null ? 30 : 8,
    list: h("ol", { class: "sentences" }),
    unit: "sentences",
  });
  const title = actor !== null ? actorName(actor) : article !== null ? ARTICLES[article][0] : "All actors";
  return h(
    "div",
    null,
    h("p", { class: "screen" }, h("a", { href: "#" }, "← All articles")),
    h("h2", { tabindex: "-1", class: "first" }, isolated(title)),
    h(
      "p",
      { class: "soft" },
      `${count(base.length, "sentence")} in ${count(new Set(base.map((p) => p.article)).size, "article")}`,
      article !== null && [" · ", h("a", { href: link({ view: "article", article }) }, "read the article")],
    ),
    h("p", { class: "controls" }, sureBox(refresh)),
    TIME && article === null && [timeControls(refresh, ofStance), timeline(ofStance, { actor, article, stance }, bin ?? NONE)],
    h(
      "section",
      { "aria-labelledby": "sentences-title" },
      h("h2", { id: "sentences-title" }, "Sentences", bin !== null && h("span", { class: "soft" }, ` · ${TIME.longName(bin)}`)),
      h(
        "div",
        { class: "controls filters", role: "group", "aria-label": "Stance" },
        choice(null, "all", inTime.length),
        LABELS.map(([name], i) => (counts[i] > 0 || stance === i) && choice(i, name, counts[i], chip(i))),
        counts[LABELS.length] > 0 && choice(NONE, "no label", counts[LABELS.length], chip(NONE)),
        bin !== null && h("a", { class: "button", href: link({ view: "sentences", actor, article, stance }) }, "every time"),
        exportButton("sentences.csv", () => sentenceTable(positions)),
      ),
      positions.length ? [list, more] : h("p", { class: "soft" }, "No sentence."),
    ),
    actor !== null && article === null && articlesOf(inTime, actor),
    actor !== null &&
      article === null &&
      bin === null &&
      stance === null &&
      disagreementSection(POSITIONS.filter(counted), refresh, actor),
  );
}

function sentenceItem({ article, index, mention, actor, stance }) {
  const [id, date, sentences] = ARTICLES[article];
  const sentence = sentences[index];
  return h(
    "li",
    null,
    h("blockquote", { dir: "auto" }, markedSentence(sentence, { only: actor })),
    h(
      "p",
      { class: "source" },
      h("strong", null, isolated(actorName(actor))),
      " ",
      chip(stance, isUnsure(mention)),
      ` ${describe(mention)} · `,
      h(
        "a",
        { href: link({ view: "article", article, actor, sentence: index }) },
        isolated(id || `article ${article + 1}`),
        `, sentence ${sentence[1]}`,
      ),
      date && ` · ${date}`,
    ),
  );
}

// An actor, article by article: the stance of each of its sentences in order.
function articlesOf(positions, actor) {
  const byArticle = new Map();
  for (const position of positions) {
    if (!byArticle.has(position.article)) byArticle.set(position.article, []);
    byArticle.get(position.article).push(position);
  }
  const numbers = [...byArticle.keys()].sort(
    (a, b) => (ARTICLES[a][1] || "9999").localeCompare(ARTICLES[b][1] || "9999") || a - b,
  );
  const [tbody, more] = paged(
    numbers,
    (article) =>
      h(
        "tr",
        null,
        h(
          "th",
          { scope: "row" },
          h("a", { href: link({ view: "article", article, actor }) }, isolated(ARTICLES[article][0] || `article ${article + 1}`)),
        ),
        TIME && h("td", { class: "number" }, ARTICLES[article][1] || "–"),
        h(
          "td",
          null,
          h(
            "span",
            { class: "strip" },
            byArticle.get(article).map((p) => {
              const label = `Sentence ${ARTICLES[article][2][p.index][1]}: ${describe(p.mention)}`;
              return h(
                "a",
                { href: link({ view: "article", article, actor, sentence: p.index }), title: label, "aria-label": label },
                chip(p.stance, isUnsure(p.mention)),
              );
            }),
          ),
        ),
      ),
    { step: 10, list: h("tbody"), unit: "articles" },
  );
  return h(
    "section",
    { "aria-labelledby": "by-article" },
    h("h2", { id: "by-article" }, "Article by article"),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        null,
        h("caption", null, "One sign a sentence, in the order of the text."),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, "Article"),
            TIME && h("th", { scope: "col", class: "number" }, "Date"),
            h("th", { scope: "col" }, "Sentence by sentence"),
          ),
        ),
        tbody,
      ),
    ),
    more,
  );
}
