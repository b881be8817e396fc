"use strict";
// Which view is shown: what stands after # in the address says it, so that links, the back button and bookmarks work.

const view = document.getElementById("view");
const TITLE = document.title;

function route() {
  const query = new URLSearchParams(location.hash.slice(1));
  const number = (name, below) => {
    const text = query.get(name),
      value = Number(text);
    return text === null || text === "" || !Number.isInteger(value) || value < NONE || value >= below ? null : value;
  };
  const wanted = {
    actor: number("actor", ACTORS.length),
    article: number("article", ARTICLES.length),
    stance: number("stance", LABELS.length),
    bin: TIME && number("bin", TIME.size),
  };
  const single = ARTICLES.length === 1;
  const name = single ? "article" : query.get("view");
  const moved = location.hash !== "";
  function draw(focus) {
    document.body.classList.toggle("inside", !single && moved && (name === "article" || name === "sentences"));
    let node;
    if (!ARTICLES.length) node = h("p", { class: "soft" }, "There is no article here.");
    else if (name === "article")
      node = articleView(single ? 0 : (wanted.article ?? 0), {
        follow: wanted.actor,
        sentence: number("sentence", Infinity),
        back: !single,
      });
    else if (name === "sentences") node = sentencesView(wanted, draw);
    else node = overview(draw);
    view.replaceChildren(node);
    route.shown = node;
    tipFor.hide?.();
    if (focus) document.getElementById(focus)?.focus();
    return node;
  }
  const node = draw();
  const heading = node.querySelector("h2");
  document.title = moved && heading && !single ? `${heading.textContent} · ${TITLE}` : TITLE;
  if (moved) {
    scrollTo(0, 0);
    heading?.focus({ preventScroll: true });
  }
  node.ready?.();
}

addEventListener("hashchange", route);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!document.getElementById("tip").hidden) tipFor.hide();
  else route.shown.stop?.();
});
route();
