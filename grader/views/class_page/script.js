"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = (number) => data.texts[number];
  const rows = [...document.querySelectorAll("#students tbody tr")];
  const labels = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase());

  // Everything from a report is put in as text, never as markup.
  function element(name, content = "", className = "") {
    const made = document.createElement(name);
    made.textContent = content;
    if (className) made.className = className;
    return made;
  }
  function points(score, max) {
    return (score === null ? "–" : +score.toFixed(4)) + " / " + +max.toFixed(4);
  }

  // Search and sort ------------------------------------------------------------------------------------------------
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const fits = words.every((word) => labels[index].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = words.length ? count + " of " + rows.length : "";
  }
  search.addEventListener("input", filter);

  const body = document.querySelector("#students tbody");
  function sort(header) {
    const column = [...header.parentNode.children].indexOf(header);
    const numeric = header.firstElementChild.dataset.kind === "number";
    const down = header.getAttribute("aria-sort") === "ascending";
    const collator = new Intl.Collator(undefined, { numeric: true });
    const key = (row) => row.cells[column].textContent;
    const value = (row) => { const number = parseFloat(key(row)); return isNaN(number) ? -Infinity : number; };
    const compare = numeric ? (a, b) => value(a) - value(b) : (a, b) => collator.compare(key(a), key(b));
    const sorted = [...rows].sort((a, b) => (down ? -1 : 1) * compare(a, b));
    for (const each of header.parentNode.children) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...sorted);
  }
  for (const header of document.querySelectorAll("#students thead th")) {
    header.firstElementChild.addEventListener("click", () => sort(header));
  }

  // One student's page -----------------------------------------------------------------------------------------------
  function checkItem(check) {
    const [name, verdict, got, max, message, hint, inputs, expected, actual] = check;
    const item = element("section");
    const head = element("h3", text(name) + "  ");
    head.append(element("span", text(verdict).replaceAll("_", " ") + " ", text(verdict)));
    head.append(element("span", points(got, max), "number"));
    item.append(head, element("p", text(message)));
    if (hint) item.append(element("p", text(hint), "hint"));
    if (inputs) {
      const code = (content) => { const pre = element("pre"); pre.append(element("code", content)); return pre; };
      item.append(code(text(inputs)));
      const pair = element("dl", "", "pair");
      for (const [title, content] of [["expected", expected], ["the student's", actual]]) {
        const group = element("div");
        const value = element("dd");
        value.append(code(text(content)));
        group.append(element("dt", title), value);
        pair.append(group);
      }
      item.append(pair);
    }
    return item;
  }
  function draw(student) {
    const page = document.getElementById("student");
    const back = element("a", "← the class");
    back.href = "#class";
    const head = element("h1", text(student.id));
    const about = [points(student.score, student.max) + " points", text(student.status).replaceAll("_", " "),
      student.seconds.toFixed(2) + " s", ...student.files.map(text), ...student.people.map(text)];
    page.replaceChildren(back, head, element("p", about.join(" · ")));
    for (const note of student.notes) page.append(element("p", text(note), "hint"));
    for (const exercise of student.exercises) {
      page.append(element("h2", text(exercise.name) + "  " + points(exercise.score, exercise.max)));
      for (const finding of exercise.findings) page.append(element("p", text(finding), "hint failed"));
      page.append(...exercise.checks.map(checkItem));
    }
    document.title = text(student.id);
  }

  // The address says what is shown, so that back, forward and bookmarks work -------------------------------------------
  const title = document.title;
  let place = 0;
  const byLabel = new Map(data.students.map((student, index) => [text(student.id), index]));
  function show() {
    const hash = decodeURIComponent(location.hash.slice(1));
    const index = hash.startsWith("find-") ? byLabel.get(hash.slice(5)) : parseInt(hash.replace("student-", ""), 10);
    const student = data.students[index];
    const overview = document.getElementById("class");
    if (student && !overview.hidden) place = window.scrollY;
    document.getElementById("student").hidden = !student;
    overview.hidden = Boolean(student);
    if (student) draw(student); else document.title = title;
    window.scrollTo(0, student ? 0 : place);
  }
  window.addEventListener("hashchange", show);
  show();
})();
