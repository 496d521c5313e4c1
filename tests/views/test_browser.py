"""The pages in a real browser: they fit a phone, can be read in light and dark, and print.

Each page is put into a frame of a test page whose script measures it; the pages themselves have no scripts.
"""

from __future__ import annotations

import html as escaping
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.course import catalog
from grader.models import Report
from grader.views import html

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
PHONE, DESKTOP = 360, 1200
ENOUGH_CONTRAST = 4.5
"""WCAG 2, level AA, for text of ordinary size."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium on this machine: pages are not looked at")

MEASURE = """
function channels(color) { return color.match(/[\\d.]+/g).map(Number); }
function over(top, below) {
  const a = top.length > 3 ? top[3] : 1;
  return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a));
}
function luminance(rgb) {
  const [r, g, b] = rgb.map(c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(element, view) {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(channels(view.getComputedStyle(e).backgroundColor));
  const page = DARK ? [18, 18, 18] : [255, 255, 255];
  return layers.reverse().reduce((below, top) => over(top, below), page);
}
addEventListener("load", () => setTimeout(() => {
  const frame = document.querySelector("iframe"), inside = frame.contentDocument, view = frame.contentWindow;
  let worst = [99, ""];
  for (const e of inside.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim());
    if (!own || e.tagName == "STYLE" || e.closest("svg")) continue;
    const style = view.getComputedStyle(e), below = background(e, view);
    const quiet = e.closest(".quiet, .caption"), faded = quiet ? Number(view.getComputedStyle(quiet).opacity) : 1;
    const ink = over([...channels(style.color).slice(0, 3), faded], below);
    const [a, b] = [luminance(ink), luminance(below)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < worst[0]) worst = [contrast, e.outerHTML.slice(0, 120)];
  }
  const result = document.createElement("pre");
  result.id = "measured";
  result.textContent = JSON.stringify({
    width: inside.documentElement.scrollWidth, height: inside.documentElement.scrollHeight,
    contrast: worst[0], where: worst[1], dark: view.matchMedia("(prefers-color-scheme: dark)").matches,
    mathml: [...inside.querySelectorAll("math")]
      .every(m => m.closest("details:not([open])") || m.getBoundingClientRect().width > 0),
    pictures: [...inside.images].every(i => i.naturalWidth > 0 && i.alt),
  });
  document.body.append(result);
}, 50));
"""


def browse(folder: Path, *arguments: str) -> str:
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += ["--hide-scrollbars", f"--user-data-dir={folder / 'profile'}", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # type: ignore[arg-type]
    return finished.stdout


def measured(page: str, folder: Path, width: int, *, dark: bool = False) -> dict[str, object]:
    """Sizes, contrast and more of a page in a frame of the given width."""
    script = f"const DARK = {json.dumps(dark)};{MEASURE}"
    frame = f'<iframe style="width:{width}px;height:800px;border:0" srcdoc="{escaping.escape(page)}"></iframe>'
    scheme = "<meta name=color-scheme content='light dark'>"
    harness = folder / "harness.html"
    harness.write_text(f"<!DOCTYPE html><meta charset=utf-8>{scheme}<script>{script}</script><body>{frame}", "utf-8")
    flags = ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"] if dark else []
    dom = browse(folder, *flags, "--virtual-time-budget=3000", "--dump-dom", harness.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:]
    result: dict[str, object] = json.loads(escaping.unescape(found[1]))
    return result


@pytest.fixture(params=["report", "exercise", "notebook"])
def page(request: pytest.FixtureRequest, rich_report: Report) -> str:
    """Each kind of page in turn."""
    if request.param == "report":
        return html.report_page(rich_report)
    if request.param == "exercise":
        return html.exercise_page(catalog.bundled(), "batched_backward")
    return html.answer(
        result=rich_report.exercises[0], notes=["a note"], printed="1\n2", printed_title="printed:", kernel="in kernel"
    )


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_fits_the_width(page: str, width: int, tmp_path: Path) -> None:
    """Nothing makes the page wider than the screen: what is wide scrolls by itself."""
    result = measured(page, tmp_path, width)
    assert result["width"] == width
    assert result["mathml"]
    assert result["pictures"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrast(page: str, dark: bool, tmp_path: Path) -> None:
    """Every text stands out from what is behind it."""
    if "<!DOCTYPE" not in page and dark:  # a notebook's own page gives the colour of text
        page = f"<body style='color:#e0e0e0;background:#121212'>{page}"
    result = measured(page, tmp_path, DESKTOP, dark=dark)
    assert result["dark"] is dark
    assert float(str(result["contrast"])) >= ENOUGH_CONTRAST, result["where"]


def test_prints(page: str, tmp_path: Path) -> None:
    """The page can be printed."""
    source, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    source.write_text(page, encoding="utf-8")
    browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", source.as_uri())
    assert paper.read_bytes().startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", paper.read_bytes())) >= 1
