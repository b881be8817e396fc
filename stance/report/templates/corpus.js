"use strict";
// Many articles: all positions, disagreements, actors, time, articles.

function actorRows(positions) {
  const found = new Map();
  for (const position of positions) {
    let row = found.get(position.actor);
    if (!row)
      found.set(
        position.actor,
        (row = { actor: position.actor, counts: new Array(LABELS.length + 1).fill(0), articles: new Set(), sentences: 0 }),
      );
    row.counts[position.stance < 0 ? LABELS.length : position.stance]++;
    row.articles.add(position.article);
    row.sentences++;
  }
  return [...found.values()];
}

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function sorted(rows) {
  const by =
    {
      actor: (a, b) => actorName(b.actor).localeCompare(actorName(a.actor), "en"),
      articles: (a, b) => a.articles.size - b.articles.size,
      sentences: (a, b) => a.sentences - b.sentences,
    }[state.sort] ||
    ((a, b) =>
      a.counts[state.sort] - b.counts[state.sort] || a.counts[state.sort] / a.sentences - b.counts[state.sort] / b.sentences);
  return rows.sort((a, b) => (state.descending ? -1 : 1) * by(a, b) || b.sentences - a.sentences || a.actor - b.actor);
}

function actorSection(positions) {
  const all = actorRows(positions);
  const place = h("div");
  const shown = () => {
    const wanted = fold(state.search.trim());
    return sorted(all.filter((row) => (!state.named || ACTORS[row.actor][1]) && fold(actorName(row.actor)).includes(wanted)));
  };
  const header = (key, name, number) =>
    h(
      "th",
      {
        scope: "col",
        class: number ? "number" : null,
        "aria-sort": state.sort === key ? (state.descending === (key !== "actor") ? "descending" : "ascending") : null,
      },
      h(
        "button",
        {
          type: "button",
          class: "plain sort",
          "data-sort": key,
          onclick: () => {
            state.descending = state.sort === key ? !state.descending : true;
            state.sort = key;
            draw();
            place.querySelector(`[data-sort="${key}"]`).focus();
          },
        },
        name,
        h("span", { "aria-hidden": "true" }, state.sort === key ? (state.descending === (key !== "actor") ? " ↓" : " ↑") : ""),
      ),
    );
  function draw() {
    const rows = shown();
    select.value = state.sort;
    const [tbody, more] = paged(
      rows,
      (row) =>
        h(
          "tr",
          null,
          h(
            "th",
            { scope: "row" },
            h("a", { href: link({ view: "sentences", actor: row.actor }) }, isolated(actorName(row.actor))),
          ),
          h("td", { class: "number" }, row.articles.size.toLocaleString("en")),
          h("td", { class: "number" }, row.sentences.toLocaleString("en")),
          h("td", { class: "wide" }, stackedBar(row.counts, { actor: row.actor }, actorName(row.actor))),
        ),
      { step: 25, list: h("tbody"), unit: "actors" },
    );
    place.replaceChildren(
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "with-bars" },
          h("caption", null, `${count(rows.length, "actor")}. A part of a bar leads to its sentences.`),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              header("actor", "Actor"),
              header("articles", "Articles", true),
              header("sentences", "Sentences", true),
              h("th", { scope: "col" }, "Share of sentences"),
            ),
          ),
          tbody,
        ),
      ),
      more,
    );
    say(count(rows.length, "actor"));
  }
  const select = h(
    "select",
    {
      id: "sort",
      onchange: () => {
        state.sort = select.value;
        state.descending = true;
        draw();
      },
    },
    ["sentences", "articles", "actor"].map((key) =>
      h("option", { value: key }, { actor: "name", articles: "articles", sentences: "sentences" }[key]),
    ),
    LABELS.map(([name], i) => h("option", { value: i }, `most ${name}`)),
  );
  const section = h(
    "section",
    { id: "actors", "aria-labelledby": "actors-title" },
    h("h2", { id: "actors-title" }, "Actors"),
    h(
      "p",
      { class: "prose soft small" },
      "An actor's names are linked inside an article; between articles actors are the same if their names are, ",
      "so “officials” of two articles may be different people.",
    ),
    h(
      "div",
      { class: "controls" },
      h(
        "label",
        null,
        "Search ",
        h("input", {
          type: "search",
          id: "search",
          value: state.search,
          placeholder: "name of an actor",
          oninput: (event) => {
            state.search = event.target.value;
            draw();
          },
        }),
      ),
      h("label", null, "Sort by ", select),
      h(
        "label",
        null,
        h("input", {
          type: "checkbox",
          checked: state.named,
          onchange: (event) => {
            state.named = event.target.checked;
            draw();
          },
        }),
        " named actors only",
      ),
      exportButton("actors.csv", () => ({
        header: ["actor", "articles", "sentences", ...LABELS.map(([name]) => name)],
        rows: shown().map((row) => [
          actorName(row.actor),
          row.articles.size,
          row.sentences,
          ...row.counts.slice(0, LABELS.length),
        ]),
      })),
    ),
    place,
  );
  draw();
  return section;
}

function articleSection(positions) {
  const place = h("div");
  const byArticle = new Map(ARTICLES.map((_, article) => [article, []]));
  for (const position of positions) byArticle.get(position.article).push(position);
  const shown = () => ARTICLES.map((_, i) => i).filter((i) => fold(ARTICLES[i][0]).includes(fold(state.find.trim())));
  function draw() {
    const numbers = shown();
    const [tbody, more] = paged(
      numbers,
      (article) =>
        h(
          "tr",
          null,
          h(
            "th",
            { scope: "row" },
            h("a", { href: link({ view: "article", article }) }, isolated(ARTICLES[article][0] || `article ${article + 1}`)),
          ),
          TIME && h("td", { class: "number" }, ARTICLES[article][1] || "–"),
          h("td", { class: "number" }, new Set(byArticle.get(article).map((p) => p.actor)).size),
          h("td", { class: "wide" }, stackedBar(tally(byArticle.get(article)), { article }, ARTICLES[article][0])),
        ),
      { step: 15, list: h("tbody"), unit: "articles" },
    );
    place.replaceChildren(
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "with-bars" },
          h("caption", null, count(numbers.length, "article")),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "col" }, "Article"),
              TIME && h("th", { scope: "col", class: "number" }, "Date"),
              h("th", { scope: "col", class: "number" }, "Actors"),
              h("th", { scope: "col" }, "Share of positions"),
            ),
          ),
          tbody,
        ),
      ),
      more,
    );
  }
  draw();
  return h(
    "section",
    { id: "articles", "aria-labelledby": "articles-title" },
    h("h2", { id: "articles-title" }, "Articles"),
    h(
      "div",
      { class: "controls" },
      h(
        "label",
        null,
        "Search ",
        h("input", {
          type: "search",
          id: "find",
          value: state.find,
          placeholder: "article",
          oninput: (event) => {
            state.find = event.target.value;
            draw();
          },
        }),
      ),
      exportButton("articles.csv", () => ({
        header: ["article_id", "date", "actors", ...LABELS.map(([name]) => name)],
        rows: shown().map((i) => [
          ARTICLES[i][0],
          ARTICLES[i][1],
          new Set(byArticle.get(i).map((p) => p.actor)).size,
          ...tally(byArticle.get(i)).slice(0, LABELS.length),
        ]),
      })),
    ),
    place,
  );
}

function sureBox(refresh) {
  const unsure = POSITIONS.filter((p) => p.score < LOW || p.stance < 0).length;
  return h(
    "label",
    { class: "small" },
    h("input", {
      type: "checkbox",
      id: "sure",
      checked: state.sure,
      onchange: (event) => {
        state.sure = event.target.checked;
        refresh("sure");
      },
    }),
    ` Leave out what is under ${percent(LOW)} sure (${unsure.toLocaleString("en")} of ${POSITIONS.length.toLocaleString("en")})`,
  );
}

function timeControls(refresh, positions) {
  const table = () => {
    const bins = Array.from({ length: TIME.size }, () => []);
    for (const position of positions) TIME.bins[position.article] >= 0 && bins[TIME.bins[position.article]].push(position);
    return {
      header: [TIME.unit, ...LABELS.map(([name]) => name)],
      rows: bins.map((of, bin) => [TIME.name(bin), ...tally(of).slice(0, LABELS.length)]),
    };
  };
  return h(
    "p",
    { class: "controls" },
    exportButton("timeline.csv", table),
    h(
      "button",
      {
        type: "button",
        id: "share",
        "aria-pressed": String(state.share),
        onclick: () => {
          state.share = !state.share;
          refresh("share");
        },
      },
      "As shares",
    ),
  );
}

function overview(refresh) {
  const positions = POSITIONS.filter(counted);
  return h(
    "div",
    null,
    h(
      "section",
      { class: "summary", "aria-label": "All positions" },
      stackedBar(tally(positions), {}, "All actors"),
      legend(),
      h("p", { class: "controls" }, sureBox(refresh)),
    ),
    disagreementSection(positions, refresh),
    actorSection(positions),
    TIME &&
      h(
        "section",
        { id: "time", "aria-labelledby": "time-title" },
        h("h2", { id: "time-title" }, "Over time"),
        timeControls(refresh, positions),
        timeline(positions, {}, NONE),
      ),
    articleSection(positions),
  );
}
