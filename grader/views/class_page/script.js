"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const students = data.students;
  const text = (number) => data.texts[number];
  const words = (number) => text(number).replaceAll("_", " ");

  // Everything from a report is put in as text, never as markup.
  function element(name, content = "", className = "") {
    const made = document.createElement(name);
    made.textContent = content;
    if (className) made.className = className;
    return made;
  }
  function within(name, className, ...children) {
    const made = element(name, "", className);
    made.append(...children);
    return made;
  }
  function link(content, hash, className = "") {
    const made = element("a", content, className);
    made.href = "#" + hash;
    return made;
  }
  function bar(score, max) {
    const part = element("span", "", "passed");
    part.style.width = (max > 0 && score !== null ? (100 * score) / max : 0) + "%";
    return within("span", "bar", part);
  }
  const shortly = (number) => (number === null ? "–" : String(+number.toFixed(4)));
  const points = (score, max) => shortly(score) + " / " + shortly(max);

  // The table: the first rows of what fits the search, in the order of one column -----------------------------------
  const FIRST = 100;
  const misconceptions = data.results.map((result) => result.checks.map((check) => text(check[6])).join(" "));
  const labels = students.map((student) => [
    text(student.id), ...student.people.map(text), words(student.status), student.late ? "late" : "",
    text(student.remark), ...student.exercises.map((number) => misconceptions[number]),
  ].join(" ").toLowerCase());
  const collator = new Intl.Collator(undefined, { numeric: true });
  const byText = (value) => (a, b) => collator.compare(value(a), value(b));
  const byNumber = (value) => (a, b) => value(a) - value(b);
  const columns = [
    byText((student) => text(student.id)), byNumber((student) => student.score ?? -Infinity),
    byText((student) => words(student.status) + (student.late ? " late" : "")),
    byNumber((student) => student.seconds), byText((student) => text(student.remark)),
  ];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const all = document.getElementById("all");
  const body = document.querySelector("#students tbody");
  const drawn = [];
  let order = students.map((_, index) => index);
  let found = order;
  let most = FIRST;

  function row(index) {
    const student = students[index];
    const status = within("td", "", element("span", words(student.status), "chip " + text(student.status)));
    if (student.late) status.append(" ", element("span", "late", "chip"));
    const made = element("tr");
    made.append(
      within("td", "", link(text(student.id), "student-" + index)),
      within("td", "number", element("span", shortly(student.score)), bar(student.score, student.max)),
      status, element("td", student.seconds.toFixed(2), "number extra"), element("td", text(student.remark), "extra remark"),
    );
    return made;
  }
  function fill() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = order.filter((index) => asked.every((word) => labels[index].includes(word)));
    body.replaceChildren(...found.slice(0, most).map((index) => (drawn[index] ??= row(index))));
    shown.textContent = asked.length ? found.length + " of " + students.length : "";
    all.hidden = found.length <= most;
    all.textContent = "Show all " + found.length;
  }
  function anew() {
    most = FIRST;
    fill();
  }
  function sort(header, column) {
    const down = header.getAttribute("aria-sort") === "ascending";
    const compare = columns[column];
    order = [...order].sort((a, b) => (down ? -1 : 1) * compare(students[a], students[b]));
    for (const each of header.parentNode.children) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    fill();
  }
  search.addEventListener("input", anew);
  all.addEventListener("click", () => { most = Infinity; fill(); });
  window.addEventListener("beforeprint", () => { most = Infinity; fill(); });
  [...document.querySelectorAll("#students thead th")].forEach((header, column) => {
    header.firstElementChild.addEventListener("click", () => sort(header, column));
  });

  // One student's page -----------------------------------------------------------------------------------------------
  function code(content) {
    return within("pre", "", element("code", content));
  }
  function example(inputs, expected, actual) {
    const pair = element("dl", "", "pair");
    for (const [title, content] of [["expected", expected], ["the student's", actual]]) {
      pair.append(within("div", "", element("dt", title), within("dd", "", code(text(content)))));
    }
    return [code(text(inputs)), pair];
  }
  function checkItem(check, before, said) {
    const [name, verdict, got, max, message, hint, , inputs, expected, actual] = check;
    const head = within("h3", "apart", element("span", text(name)), within("span", "", element("span", words(verdict),
      "chip " + text(verdict)), " ", element("span", points(got, max), "number")));
    const item = within("div", "check", head);
    if (text(verdict) === "passed") return item;
    if (message !== before?.[4] && !said.includes(message)) item.append(element("p", text(message)));  // said once
    if (hint && hint !== before?.[5]) item.append(element("p", text(hint), "hint"));
    if (inputs) item.append(...example(inputs, expected, actual));
    return item;
  }
  function exerciseItem(result, said) {
    const head = within("h2", "apart", element("span", text(result.name)), element("span", points(result.score, result.max), "number"));
    const item = within("section", "", head, bar(result.score, result.max));
    for (const finding of result.findings) item.append(element("p", text(finding), "hint failed"));
    if (result.checks.every((check) => text(check[1]) === "passed")) {
      item.append(element("p", "All checks passed: " + result.checks.map((check) => text(check[0])).join("; "), "quiet"));
    } else {
      result.checks.forEach((check, index) => item.append(checkItem(check, result.checks[index - 1], said)));
    }
    return item;
  }
  function draw(index) {
    const student = students[index];
    const place = found.indexOf(index);
    const steps = within("nav", "apart", link("← the class", "class"));
    const beside = within("span", "");
    if (place > 0) beside.append(link("previous", "student-" + found[place - 1]), " ");
    if (place >= 0 && place + 1 < found.length) beside.append(link("next", "student-" + found[place + 1]));
    steps.append(beside);
    const facts = within("p", "quiet");
    for (const word of [student.seconds.toFixed(2) + " s", ...student.people.map(text), ...student.files.map(text)]) {
      facts.append(element("span", word, "fact"));
    }
    const score = within("p", "score", element("b", points(student.score, student.max)), " ",
      element("span", words(student.status), "chip " + text(student.status)));
    const notes = student.notes.map((note) => element("p", text(note), "hint"));
    const exercises = student.exercises.map((number) => exerciseItem(data.results[number], student.notes));
    document.getElementById("student").replaceChildren(
      steps, element("h1", text(student.id)), score, bar(student.score, student.max), facts, ...notes, ...exercises);
    document.title = text(student.id);
  }

  // The address says what is shown, so that back, forward and bookmarks work -------------------------------------------
  const title = document.title;
  const overview = document.getElementById("class");
  let place = 0;
  const byLabel = new Map(students.map((student, index) => [text(student.id), index]));
  function studentOf(hash) {
    if (hash.startsWith("find-")) return byLabel.get(hash.slice(5));
    return hash.startsWith("student-") ? parseInt(hash.slice(8), 10) : undefined;
  }
  function show() {
    const hash = decodeURIComponent(location.hash.slice(1));
    const index = studentOf(hash);
    const student = students[index];
    if (student && !overview.hidden) place = window.scrollY;
    document.getElementById("student").hidden = !student;
    overview.hidden = Boolean(student);
    if (student) {
      draw(index);
      window.scrollTo(0, 0);
      return;
    }
    document.title = title;
    if (hash.startsWith("who-")) {
      search.value = hash.slice(4);
      anew();
    }
    const section = hash.startsWith("who-") ? "students" : hash;
    const target = section && section !== "class" ? document.getElementById(section) : null;
    if (target && overview.contains(target)) target.scrollIntoView(); else window.scrollTo(0, place);
  }
  window.addEventListener("hashchange", show);
  fill();
  show();
})();
