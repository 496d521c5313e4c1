"use strict";
// One file, longer than others here, because the page allows one script, by its hash.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const students = data.students;
  const text = (number) => data.texts[number];
  const spaced = (word) => word.replaceAll("_", " ");

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
  const shortly = (number) => (number === null ? "–" : String(+number.toFixed(4)));
  const points = (score, max) => shortly(score) + " / " + shortly(max);
  const percent = (each) => (each.score === null || each.max <= 0 ? null : (100 * each.score) / each.max);

  // Queries: all words of one must hold together ---------------------------------------------------------------------
  const TINY = 1e-7;  // as the numbers of the page are counted
  const COMPARE = {
    "<": (a, b) => a < b - TINY, "<=": (a, b) => a <= b + TINY, "=": (a, b) => Math.abs(a - b) <= TINY,
    ">": (a, b) => a > b + TINY, ">=": (a, b) => a >= b - TINY,
  };
  const slugs = [...new Set(students.flatMap((student) => student.exercises.map((number) => text(data.results[number].name))))];

  function resultWords(result) {
    const checks = result.checks.map((check) => [text(check[0]), text(check[1])]);
    return {
      any: new Set([text(result.state), ...checks.map((check) => check[1]), ...result.mistakes.map(text)]),
      checks: new Set(checks.map(([name, verdict]) => name + ":" + verdict)),
    };
  }
  const said = data.results.map((result) => [
    text(result.name), ...result.findings.map(text), ...result.mistakes.map(text),
    ...result.checks.flatMap((check) => [text(check[4]), text(check[5])]),
  ].join("\n").toLowerCase());
  const words = data.results.map(resultWords);
  const own = students.map((student) => [
    text(student.id), text(student.name), ...student.people.map(text), spaced(text(student.status)), ...student.notes.map(text),
  ].join("\n").toLowerCase());

  function ofExercise(asked, value) {
    const [slug, ...rest] = asked.split("/");
    const check = rest.join("/");
    const meant = slugs.includes(slug) ? [slug] : slugs.filter((each) => each.startsWith(slug));
    if (!meant.length) return null;
    const fits = data.results.map((result, number) => meant.includes(text(result.name))
      && (check ? words[number].checks.has(check + ":" + value) : words[number].any.has(value)));
    return (index) => students[index].exercises.some((number) => fits[number]);
  }
  function test(asked) {
    const score = asked.match(/^score(<=|>=|<|>|=)([\d.]+)(%?)$/);
    if (score) {
      const compare = COMPARE[score[1]];
      return (index) => {
        const value = score[3] ? percent(students[index]) : students[index].score;
        return value !== null && compare(value, Number(score[2]));
      };
    }
    if (asked.startsWith("is:")) return (index) => students[index].flags.some((flag) => text(flag) === asked.slice(3));
    const colon = asked.lastIndexOf(":");
    const exercise = colon > 0 ? ofExercise(asked.slice(0, colon), asked.slice(colon + 1)) : null;
    if (exercise) return exercise;
    const plain = asked.toLowerCase();
    const mentioned = said.map((each) => each.includes(plain));
    return (index) => own[index].includes(plain) || students[index].exercises.some((number) => mentioned[number]);
  }
  function tests(query) {
    return (query.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? []).map((word) => test(word.replaceAll('"', "")));
  }

  // The table: the first rows of what fits the query, in the order of one column -------------------------------------
  const FIRST = 100;
  const collator = new Intl.Collator(undefined, { numeric: true });
  const RANK = ["unknown", "undone", "zero", "partial", "full"];
  const exerciseOf = (student, slug) => {
    const found = student.exercises.find((number) => text(data.results[number].name) === slug);
    return found === undefined ? null : data.results[found];
  };
  const rank = (student, slug) => {
    const result = exerciseOf(student, slug);
    return result === null ? -1 : RANK.indexOf(text(result.state)) + (percent(result) ?? 0) / 1000;
  };
  const columns = [
    ["student", (a, b) => collator.compare(text(a.name), text(b.name))],
    ["total", (a, b) => (a.score ?? -Infinity) - (b.score ?? -Infinity)],
    ...slugs.map((slug) => [slug, (a, b) => rank(a, slug) - rank(b, slug)]),
    ["flags", (a, b) => a.flags.length - b.flags.length],
  ];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const all = document.getElementById("all");
  const body = document.querySelector("#students tbody");
  const drawn = [];
  let order = students.map((_, index) => index);
  let found = order;
  let most = FIRST;

  function cell(result, slug) {
    if (result === null) return element("span", "", "cell");
    const state = text(result.state);
    const made = element("span", result.score === null ? "?" : String(+result.score.toFixed(1)), "cell " + state);
    made.title = slug + ": " + points(result.score, result.max) + ", " + state;
    return made;
  }
  function chips(student) {
    const made = within("span", "chips");
    for (const flag of student.flags.map(text)) {
      if (flag !== "technical" && flag !== "help") made.append(link(spaced(flag), "find=" + encodeURIComponent("is:" + flag), "chip " + flag));
    }
    return made;
  }
  function row(index) {
    const student = students[index];
    const cells = within("span", "cells", ...slugs.map((slug) => cell(exerciseOf(student, slug), slug)));
    const made = element("tr");
    made.append(
      within("td", "who", link(text(student.name), "student-" + index)),
      element("td", shortly(student.score), "number"), within("td", "parts", cells), within("td", "flags", chips(student)),
    );
    return made;
  }
  function fill() {
    const asked = tests(search.value);
    found = order.filter((index) => asked.every((fits) => fits(index)));
    body.replaceChildren(...found.slice(0, most).map((index) => (drawn[index] ??= row(index))));
    shown.textContent = asked.length ? found.length + " of " + students.length : "";
    all.hidden = found.length <= most;
    all.textContent = "Show all " + found.length;
  }
  function anew() {
    most = FIRST;
    fill();
  }
  const sorters = [];
  function sort(button, compare) {
    const down = button.dataset.sort === "up";
    order = [...order].sort((a, b) => (down ? -1 : 1) * compare(students[a], students[b]));
    for (const each of sorters) delete each.dataset.sort;
    button.dataset.sort = down ? "down" : "up";
    fill();
  }
  function header() {
    const buttons = columns.map(([name, compare]) => {
      const button = within("button", "", element("span", name));
      button.type = "button";
      button.title = "sort by " + name;
      button.addEventListener("click", () => sort(button, compare));
      sorters.push(button);
      return button;
    });
    const titles = [[buttons[0]], [buttons[1]], [within("span", "cells", ...buttons.slice(2, -1))], [buttons.at(-1)]];
    const names = ["who", "number", "parts", "flags"];
    document.querySelector("#students thead tr").append(...titles.map((content, number) => {
      const made = within("th", names[number], ...content);
      made.scope = "col";
      return made;
    }));
    buttons[0].dataset.sort = "up";
  }
  search.addEventListener("input", anew);
  all.addEventListener("click", () => { most = Infinity; fill(); });
  window.addEventListener("beforeprint", () => { most = Infinity; fill(); });

  // The code, which is unpacked when it is first looked at -----------------------------------------------------------
  let unpacked = null;
  async function unpack() {
    const bytes = Uint8Array.from(atob(document.getElementById("code").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  const code = () => (unpacked ??= unpack());

  function lines(content, marked) {
    const made = within("code", "lines");
    content.split("\n").forEach((line, index) => {
      made.append(element("span", line + "\n", marked(index) ? "line marked" : "line"));
    });
    const pre = within("pre", "", made);
    pre.tabIndex = 0;
    return pre;
  }
  function cited(student) {
    const places = new Set();
    const sentences = [...student.notes.map(text), ...student.exercises.flatMap((number) => [
      ...data.results[number].findings.map(text), ...data.results[number].checks.map((check) => text(check[4])),
    ])];
    for (const sentence of sentences) {
      for (const [, file, number, line] of sentence.matchAll(/(\S[^:;()]*?\.(?:py|ipynb))(?:, cell (\d+))?, line (\d+)/g)) {
        for (const name of student.files.map(text)) if (file.endsWith(name)) places.add([name, number ?? "0", line].join("|"));
      }
    }
    return places;
  }
  async function codeItem(index) {
    const files = (await code()).students[index];
    if (!files.length) return [];
    const places = cited(students[index]);
    const items = files.map(([file, number, content]) => within("div", "", element("h3", file + (number ? ", cell " + number : "")),
      lines(content, (line) => places.has([file, number, line + 1].join("|")))));
    return [within("section", "", element("h2", "Code"), ...items)];
  }
  async function drawGroup(number) {
    const answers = (await code()).alike[number];
    const item = document.querySelectorAll("#alike .plain > li")[number];
    const names = [...item.querySelectorAll("a")].slice(1);
    const sides = answers.map(([content, marked], index) => {
      const common = new Set(marked);
      return within("div", "", within("h2", "", names[index].cloneNode(true)), lines(content, (line) => common.has(line)));
    });
    const note = answers.length ? "Marked: lines that another one of them has too, whatever the names are."
      : "The code is not shown, because the reports are anonymous.";
    place.student.replaceChildren(within("nav", "apart", link("← the class", "alike")),
      element("h1", item.querySelector("b").textContent), element("p", note, "quiet"), within("div", "sides", ...sides));
  }

  // One student's page -----------------------------------------------------------------------------------------------
  function box(content) {
    const pre = within("pre", "", element("code", content));
    pre.tabIndex = 0;
    return pre;
  }
  function example(inputs, expected, actual) {
    const pair = element("dl", "", "pair");
    for (const [title, content] of [["expected", expected], ["the student's", actual]]) {
      pair.append(within("div", "", element("dt", title), within("dd", "", box(text(content)))));
    }
    return [box(text(inputs)), pair];
  }
  function checkItem(check, before, saidAbove) {
    const [name, verdict, got, max, message, hint, inputs, expected, actual] = check;
    const head = within("h3", "apart", element("span", text(name)), within("span", "",
      element("span", spaced(text(verdict)), "chip " + text(verdict)), " ", element("span", points(got, max), "number")));
    const item = within("div", "check", head);
    if (text(verdict) === "passed") return item;
    if (message !== before?.[4] && !saidAbove.includes(message)) item.append(element("p", text(message)));  // said once
    if (hint && hint !== before?.[5]) item.append(element("p", text(hint), "hint"));
    if (inputs) item.append(...example(inputs, expected, actual));
    return item;
  }
  function exerciseItem(result, saidAbove) {
    const head = within("h2", "apart", element("span", text(result.name)), element("span",
      points(result.score, result.max), "cell " + text(result.state)));
    const item = within("section", "", head);
    for (const finding of result.findings) item.append(element("p", text(finding), "hint failed"));
    if (result.checks.every((check) => text(check[1]) === "passed")) {
      item.append(element("p", "All checks passed: " + result.checks.map((check) => text(check[0])).join("; "), "quiet"));
    } else {
      result.checks.forEach((check, index) => item.append(checkItem(check, result.checks[index - 1], saidAbove)));
    }
    return item;
  }
  async function draw(index) {
    const student = students[index];
    const spot = found.indexOf(index);
    const steps = within("nav", "apart", link("← the class", "students"));
    const beside = within("span", "");
    if (spot > 0) beside.append(link("previous", "student-" + found[spot - 1]), " ");
    if (spot >= 0 && spot + 1 < found.length) beside.append(link("next", "student-" + found[spot + 1]));
    steps.append(beside);
    const facts = within("p", "quiet");
    const people = student.people.length ? student.people.map(text) : [text(student.id)];
    for (const word of [...people, ...student.files.map(text), student.seconds.toFixed(2) + " s"]) {
      facts.append(element("span", word, "fact"));
    }
    const score = within("p", "score", element("b", points(student.score, student.max)), " ",
      element("span", spaced(text(student.status)), "chip " + text(student.status)), " ", chips(student));
    const notes = student.notes.map((note) => element("p", text(note), "hint"));
    const exercises = student.exercises.map((number) => exerciseItem(data.results[number], student.notes));
    place.student.replaceChildren(steps, element("h1", text(student.name)), score, facts, ...notes, ...exercises);
    document.title = text(student.name);
    const asked = location.hash;
    const shownCode = await codeItem(index);
    if (location.hash === asked) place.student.append(...shownCode);
  }

  // The address says what is shown, so that back, forward and bookmarks work -------------------------------------------
  const place = { title: document.title, class: document.getElementById("class"), student: document.getElementById("student"), top: 0 };

  async function detail(hash) {
    const [kind, number] = [hash.slice(0, hash.indexOf("-")), parseInt(hash.slice(hash.indexOf("-") + 1), 10)];
    if (kind === "student" && students[number]) await draw(number);
    else await drawGroup(number);
    window.scrollTo(0, 0);
    drawnNow();
  }
  function drawnNow() {
    document.body.dataset.shown = location.hash;
  }
  function show() {
    const hash = decodeURIComponent(location.hash.slice(1));
    const inside = /^(student|alike)-\d+$/.test(hash);
    if (inside && !place.class.hidden) place.top = window.scrollY;
    place.student.hidden = !inside;
    place.class.hidden = inside;
    if (inside) {
      detail(hash);
      return;
    }
    document.title = place.title;
    if (hash.startsWith("find=")) {
      search.value = hash.slice(5);
      anew();
      document.getElementById("students").scrollIntoView();
      drawnNow();
      return;
    }
    const target = hash && hash !== "class" && hash !== "students" ? document.getElementById(hash) : null;
    if (target && place.class.contains(target)) target.scrollIntoView(); else window.scrollTo(0, place.top);
    drawnNow();
  }
  window.addEventListener("hashchange", show);
  header();
  order = [...order].sort((a, b) => columns[0][1](students[a], students[b]));
  fill();
  show();
})();
