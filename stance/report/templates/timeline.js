"use strict";
// Stances over time: a column for each day, week, month, quarter, year or decade.

const DAY = 86400000;
const TIME = timeScale();

// The finest unit that the dates allow and that gives at most 48 columns.
function timeScale() {
  const dates = ARTICLES.map(([, date]) => date);
  const known = dates.filter(Boolean).sort();
  if (!known.length) return null;
  const day = (date) =>
    Math.floor(
      Date.UTC(
        ...date
          .split("-")
          .map(Number)
          .map((n, i) => (i === 1 ? n - 1 : n)),
      ) / DAY,
    );
  const month = (date) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
  const iso = (days) => new Date(days * DAY).toISOString().slice(0, 10);
  const units = [
    { unit: "day", digits: 10, of: day, label: iso },
    {
      unit: "week",
      digits: 10,
      of: (date) => Math.floor((day(date) + 3) / 7),
      label: (n) => iso(n * 7 - 3),
      long: (n) => `week of ${iso(n * 7 - 3)}`,
    },
    {
      unit: "month",
      digits: 7,
      of: month,
      label: (n) => `${String(Math.floor(n / 12)).padStart(4, "0")}-${String((n % 12) + 1).padStart(2, "0")}`,
    },
    {
      unit: "quarter",
      digits: 7,
      of: (date) => Math.floor(month(date) / 3),
      label: (n) => `${Math.floor(n / 4)} Q${(n % 4) + 1}`,
    },
    { unit: "year", digits: 4, of: (date) => Number(date.slice(0, 4)), label: String },
    { unit: "decade", digits: 4, of: (date) => Math.floor(Number(date.slice(0, 4)) / 10), label: (n) => `${n * 10}s` },
  ];
  const digits = Math.min(...known.map((date) => date.length));
  const able = units.filter((scale) => scale.digits <= digits);
  const span = (scale) => scale.of(known.at(-1)) - scale.of(known[0]) + 1;
  const scale = able.find((scale) => span(scale) <= 48) || able.at(-1);
  const first = scale.of(known[0]);
  return {
    ...scale,
    size: span(scale),
    bins: dates.map((date) => (date ? scale.of(date) - first : NONE)),
    name: (bin) => scale.label(bin + first),
    longName: (bin) => (scale.long || scale.label)(bin + first),
    undated: dates.filter((date) => !date).length,
  };
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
    const said = parts
      .map((n, i) => n && `${i < LABELS.length ? LABELS[i][0] : "no label"} ${n}`)
      .filter(Boolean)
      .join(", ");
    const column = totals[bin]
      ? h("a", {
          class: "column",
          href: link({ view: "sentences", ...filter, bin: bin === chosen ? null : bin }),
          title: `${name}: ${said}`,
          "aria-label": `${name}: ${said}`,
          "aria-current": bin === chosen ? "true" : null,
        })
      : h("span", { class: "column" });
    parts.forEach((n, i) => {
      if (!n) return;
      const part = h("span", { class: `part ${i < LABELS.length ? `s${i}` : "unlabelled"}` });
      part.style.height = `${(100 * n) / (state.share ? totals[bin] : top)}%`;
      column.append(part);
    });
    return h(
      "li",
      { class: chosen >= 0 && bin !== chosen ? "other" : null },
      column,
      h("span", { class: "tick", "aria-hidden": "true" }, bin % every || bin > TIME.size - every / 2 ? "" : TIME.name(bin)),
    );
  });
  return h(
    "figure",
    { class: "timeline" },
    h(
      "figcaption",
      { class: "soft small" },
      state.share
        ? `Share of sentences a ${TIME.unit}`
        : `Sentences a ${TIME.unit}; the highest column is ${top.toLocaleString("en")}`,
      TIME.undated ? `; ${count(TIME.undated, "article")} without a date left out` : "",
      ". Press a column for its sentences.",
    ),
    h("ul", { class: "plot" }, columns),
  );
}
