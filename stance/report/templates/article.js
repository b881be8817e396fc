"use strict";
// One article: its text with every mention marked, and its actors with their stance sentence by sentence.

const PARAGRAPHS_AT_ONCE = 400;
const PLACES_AT_MOST = 200;

function articleView(number, { follow = null, sentence = null, back = false } = {}) {
  const [id, date, sentences] = ARTICLES[number];
  const text = h("div", { class: "text", onclick: pressed, onkeydown: keyed });
  const actors = actorsOf(number);
  const bar = h("div", { class: "following screen", hidden: true });
  const rows = new Map();
  let followed = null,
    at = -1;

  const [body, more] = paged(paragraphs(sentences), (paragraph) => paragraph.node(), {
    step: PARAGRAPHS_AT_ONCE,
    list: text,
    unit: "paragraphs",
  });

  function found() {
    return [...text.querySelectorAll(`.mention[data-actor="${followed}"], .within[data-actor="${followed}"]`)];
  }
  function followActor(actor, node) {
    followed = followed === actor && !node ? null : actor;
    text.classList.toggle("dimmed", followed !== null);
    for (const old of text.querySelectorAll(".followed")) old.classList.remove("followed");
    for (const [other, row] of rows) {
      row.classList.toggle("followed", other === followed);
      row.querySelector("button").setAttribute("aria-pressed", other === followed);
    }
    bar.hidden = followed === null;
    if (followed === null) return;
    const nodes = found();
    for (const mention of nodes) mention.classList.add("followed");
    for (const cue of text.querySelectorAll(`[data-cue="${followed}"]`)) cue.classList.add("followed");
    at = node ? nodes.indexOf(node) : -1;
    place();
    say(`Following ${actorName(followed)}: ${count(nodes.length, "mention")}`);
  }
  function place() {
    const total = found().length;
    bar.replaceChildren(
      h(
        "span",
        null,
        "Following ",
        h("strong", null, isolated(actorName(followed))),
        ` · ${at < 0 ? count(total, "mention") : `${at + 1} of ${total}`}`,
      ),
      h(
        "span",
        { class: "buttons" },
        h("button", { type: "button", onclick: () => step(-1) }, "← Previous"),
        h("button", { type: "button", onclick: () => step(1) }, "Next →"),
        h("button", { type: "button", onclick: () => followActor(followed) }, "Stop"),
      ),
    );
  }
  function step(by) {
    const nodes = found();
    if (!nodes.length) return;
    at = at < 0 ? (by > 0 ? 0 : nodes.length - 1) : (at + by + nodes.length) % nodes.length;
    for (const node of nodes) node.classList.toggle("current", node === nodes[at]);
    nodes[at].scrollIntoView({ block: "center" });
    bar.querySelector("span").lastChild.textContent = ` · ${at + 1} of ${nodes.length}`;
    say(`${at + 1} of ${nodes.length}: ${nodes[at].textContent}`);
  }
  function pressed(event) {
    const node = event.target.closest("[data-actor]");
    if (!node || (event.type === "click" && String(getSelection()))) return;
    const actor = Number(node.dataset.actor);
    if (actor === followed) followActor(actor);
    else followActor(actor, node);
  }
  function keyed(event) {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches(".mention")) {
      event.preventDefault();
      pressed(event);
    }
  }
  function toSentence(index) {
    while (!text.querySelector(`[data-sentence="${index}"]`) && !more.hidden) more.click();
    const node = text.querySelector(`[data-sentence="${index}"]`);
    if (!node) return;
    for (const old of text.querySelectorAll(".here")) old.classList.remove("here");
    node.classList.add("here");
    node.scrollIntoView({ block: "center" });
  }
  function row(actor) {
    const strip = h(
      "span",
      { class: "strip" },
      actor.places.slice(0, PLACES_AT_MOST).map(({ index, mention }) =>
        h(
          "button",
          {
            type: "button",
            class: "plain",
            title: `Sentence ${sentences[index][1]}: ${describe(mention)}`,
            "aria-label": `Sentence ${sentences[index][1]}: ${describe(mention)}`,
            onclick: () => {
              if (followed !== actor.actor) followActor(actor.actor);
              toSentence(index);
            },
          },
          chip(stanceOf(mention), isUnsure(mention)),
        ),
      ),
      actor.places.length > PLACES_AT_MOST &&
        h("span", { class: "soft" }, `and ${count(actor.places.length - PLACES_AT_MOST, "more sentence")}`),
    );
    const node = h(
      "tr",
      null,
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          { type: "button", class: "plain name", "aria-pressed": "false", onclick: () => followActor(actor.actor) },
          isolated(actorName(actor.actor)),
        ),
      ),
      h(
        "td",
        { class: "overall" },
        actor.stance >= 0 ? [chip(actor.stance), " ", LABELS[actor.stance][0]] : "–",
        actor.mood >= 0 &&
          !PLAIN.has(actor.mood) &&
          h("span", { class: "portrayed" }, moodMark(actor.mood), " ", SENTIMENTS[actor.mood][0]),
      ),
      h("td", null, strip),
    );
    rows.set(actor.actor, node);
    return node;
  }
  const [tbody, moreActors] = paged(actors, row, { step: 60, list: h("tbody"), unit: "actors" });
  const view = h(
    "div",
    { class: "article" },
    back && h("p", { class: "screen" }, h("a", { href: "#" }, "← All articles")),
    back && h("h2", { tabindex: "-1" }, isolated(id), date && h("span", { class: "soft date" }, ` ${date}`)),
    legend(),
    bar,
    h(
      "div",
      { class: "columns" },
      h(
        "section",
        { "aria-label": "Text" },
        body,
        more,
        sentences.some((s) => s[3] > 0) &&
          h("p", { class: "soft small" }, "[…] marks sentences that the scored rows do not hold: no actor was found in them."),
      ),
      h(
        "section",
        { class: "actors", "aria-label": "Actors" },
        h(
          "div",
          { class: "sticky" },
          h("h2", { class: "first" }, "Who stands where"),
          actors.length
            ? h(
                "div",
                { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of actors" },
                h(
                  "table",
                  null,
                  h(
                    "caption",
                    null,
                    "One sign a sentence, in the order of the text. Press a name to follow the actor through it.",
                  ),
                  h(
                    "thead",
                    null,
                    h(
                      "tr",
                      null,
                      ["Actor", "Overall", "Sentence by sentence"].map((name) => h("th", { scope: "col" }, name)),
                    ),
                  ),
                  tbody,
                ),
                moreActors,
              )
            : h("p", { class: "soft" }, "No actor was found in this text."),
          h(
            "p",
            { class: "controls" },
            exportButton("sentences.csv", () => sentenceTable(positionsOf(number))),
          ),
        ),
      ),
    ),
  );
  tipFor(text);
  view.stop = () => followed !== null && followActor(followed);
  view.ready = () => {
    if (follow !== null) followActor(follow);
    if (sentence !== null) toSentence(sentence);
  };
  return view;
}

// Sentences by paragraph. A first line that ends without a full stop is a headline.
function paragraphs(sentences) {
  const found = [];
  sentences.forEach((sentence, index) => {
    if (!found.length || sentence[2]) found.push([]);
    found.at(-1).push(index);
  });
  const isHeadline = (part, i) =>
    i === 0 &&
    found.length > 1 &&
    part.length === 1 &&
    /[^.!?…"”’']\s*$/.test(sentences[part[0]][0]) &&
    sentences[part[0]][0].length < 160;
  return found.map((part, i) => ({
    node: () =>
      h(
        "p",
        { class: isHeadline(part, i) ? "headline" : null, dir: "auto" },
        part.map((index) => [
          sentences[index][3] > 0 && h("span", { class: "soft" }, "[…] "),
          h("span", { class: "sentence", "data-sentence": index }, markedSentence(sentences[index], { button: true })),
          " ",
        ]),
      ),
  }));
}

// The actors of an article, with one place a sentence; those with a position first, then those of most sentences.
function actorsOf(number) {
  const [, , sentences, summaries] = ARTICLES[number];
  const overall = new Map(summaries.map(([actor, stance, mood]) => [actor, { stance, mood }]));
  const found = new Map();
  sentences.forEach((sentence, index) => {
    for (const mention of sentence[4]) {
      if (stanceOf(mention) === LINKED) continue;
      if (!found.has(mention[2])) found.set(mention[2], { actor: mention[2], places: [] });
      const { places } = found.get(mention[2]);
      if (places.at(-1)?.index !== index) places.push({ index, mention });
    }
  });
  const actors = [...found.values()].map((actor) => ({
    ...actor,
    ...(overall.get(actor.actor) || { stance: NONE, mood: NONE }),
  }));
  const quiet = (actor) => Number(actor.stance < 0 || NO_POSITION.has(actor.stance));
  return actors.sort((a, b) => quiet(a) - quiet(b) || b.places.length - a.places.length || a.places[0].index - b.places[0].index);
}
