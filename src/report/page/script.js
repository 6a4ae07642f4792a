"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const box = document.getElementById("search");
  const said = document.getElementById("found");
  const rows = [...document.querySelectorAll("[data-row]")].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    blanks: [...row.querySelectorAll("var")],
    where: data.rows[row.dataset.row] || [],
  }));
  const holds = (one, app) =>
    one.where.some(([, ranges]) => ranges.some(([first, last]) => app >= first && app <= last));
  const search = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const named = words.map((word) =>
      data.apps.flatMap((name, app) => (name.toLowerCase().includes(word) ? [app] : [])));
    const exact = words.map((word) => data.apps.indexOf(word)).find((app) => app >= 0) ?? -1;
    let shown = 0;
    for (const one of rows) {
      const fits = words.every((word, at) =>
        one.text.includes(word) || named[at].some((app) => holds(one, app)));
      one.row.hidden = !fits;
      shown += fits ? 1 : 0;
      const fill = fits && exact >= 0 && holds(one, exact);
      for (const blank of one.blanks) {
        if (blank.dataset.v !== "app") continue;
        blank.textContent = fill ? data.apps[exact] : "APP";
        blank.classList.toggle("set", fill);
      }
    }
    said.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  };
  box.addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && document.activeElement === box) {
      box.value = "";
      search();
    }
  });
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  document.getElementById("box").hidden = false;
})();
