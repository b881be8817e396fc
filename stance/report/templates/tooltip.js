"use strict";
// The tooltip of a mention: the actor, and the probability of every label. Shown at the pointer's or the keyboard's mention.
function tipFor(text) {
  const tip = document.getElementById("tip");
  let owner = null;
  function bars(entries, names, prefix, chosen) {
    return (
      entries.length === names.length &&
      h(
        "ul",
        { class: "bars" },
        entries.map((p, i) => {
          const fill = h("span", { class: `fill ${prefix}${i}` });
          fill.style.width = `${p / 10}%`;
          return h(
            "li",
            { class: i === chosen ? "chosen" : null },
            h("span", null, `${names[i][1]} ${names[i][0]}`),
            h("span", { class: "track" }, fill),
            h("span", { class: "number" }, percent(p)),
          );
        }),
      )
    );
  }
  function show(node) {
    if (!node?.mention) return;
    hide();
    owner = node;
    const [, , actor, stance, p, mood, q] = node.mention;
    tip.replaceChildren(
      h("p", { class: "who" }, isolated(actorName(actor))),
      h("p", { class: "what" }, describe(node.mention)),
      bars(p, LABELS, "s", stance) || "",
      bars(q, SENTIMENTS, "m", mood) ||
        (q.length && mood >= 0 ? h("p", { class: "soft" }, `portrayed ${SENTIMENTS[mood][0]}, ${percent(q[0])}`) : ""),
      isUnsure(node.mention) ? h("p", { class: "soft" }, `Under ${percent(LOW)}: read it as unsure.`) : "",
    );
    tip.hidden = false;
    node.setAttribute("aria-describedby", "tip");
    const place = node.getClientRects()[0],
      size = tip.getBoundingClientRect();
    const under = place.bottom + 8 + size.height < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(place.left, document.documentElement.clientWidth - size.width - 8)) + scrollX}px`;
    tip.style.top = `${(under ? place.bottom + 6 : Math.max(4, place.top - size.height - 6)) + scrollY}px`;
  }
  function hide() {
    owner?.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
  }
  text.addEventListener("pointerover", (event) => show(event.target.closest(".mention")));
  text.addEventListener("pointerout", (event) => {
    if (!tip.contains(event.relatedTarget)) hide();
  });
  tip.onpointerleave = hide;
  text.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && show(event.target.closest(".mention")));
  text.addEventListener("focusout", hide);
  tipFor.hide = hide;
}
