"""Draws a computation graph as an SVG: left to right, inputs blue, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from grader.authoring.graph import Node, describe, graph
from grader.exercise import Exercise

GAP, ROW, WIDTH, HEIGHT, MARGIN = 34, 62, 106, 44, 18
SWEEPS = 4
LETTER = 6.2
"""How wide a letter of a box's second line is at most, on average."""

Place = tuple[float, float, float]
"""Left, top and width of a box, or of the room that an arrow has in its column."""

Edge = tuple[int, ...]
"""From a parent to a child, through one placeholder in each column between them."""


def figure(exercise: Exercise) -> str:
    """The SVG document; the same exercise gives the same bytes."""
    nodes = graph(exercise)
    columns, edges = _columns(nodes)
    _untangle(columns, edges)
    tallest = max(len(column) for column in columns)
    places: dict[int, Place] = {}
    left: float = MARGIN
    for column in columns:
        texts = [_second(nodes[item]) for item in column if item < len(nodes)]
        wide = max(WIDTH, *(round(LETTER * len(text)) + 12 for text in texts))
        for y, item in enumerate(column):
            places[item] = (left, MARGIN + (y + (tallest - len(column)) / 2) * ROW, wide)
        left += wide + GAP
    width = left - GAP + MARGIN
    height = 2 * MARGIN + (tallest - 1) * ROW + HEIGHT
    drawn = [_arrow([places[item] for item in edge]) for edge in edges]
    drawn += [_box(node, places[position]) for position, node in enumerate(nodes)]
    return _document(width, height, f"Computation graph: {exercise.title}", describe(nodes), drawn)


def _columns(nodes: Sequence[Node]) -> tuple[list[list[int]], list[Edge]]:
    """Nodes by column, with placeholders (numbers past the nodes') where an edge crosses a column."""
    depth = [0] * len(nodes)
    for position, node in enumerate(nodes):
        depth[position] = 1 + max((depth[parent] for parent in node.parents), default=-1)
    for position, node in enumerate(nodes):
        if node.is_input:  # next to where it is first used
            depth[position] = min(depth[child] for child, other in enumerate(nodes) if position in other.parents) - 1
    columns: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for position, x in enumerate(depth):
        columns[x].append(position)
    edges: list[Edge] = []
    spare = len(nodes)
    for child, node in enumerate(nodes):
        for parent in node.parents:
            between = range(depth[parent] + 1, depth[child])
            placeholders = list(range(spare, spare + len(between)))
            spare += len(between)
            for x, item in zip(between, placeholders, strict=True):
                columns[x].append(item)
            edges.append((parent, *placeholders, child))
    return columns, edges


def _untangle(columns: list[list[int]], edges: Sequence[Edge]) -> None:
    """Sort each column by where its neighbours are, back and forth, so that few arrows cross."""
    neighbours: dict[int, list[int]] = {item: [] for column in columns for item in column}
    for edge in edges:
        for left, right in pairwise(edge):
            neighbours[left].append(right)
            neighbours[right].append(left)
    for _ in range(SWEEPS):
        for column in (*columns, *reversed(columns)):
            height = {item: y - (len(c) - 1) / 2 for c in columns for y, item in enumerate(c)}
            column.sort(key=lambda item: sum(height[n] for n in neighbours[item]) / max(1, len(neighbours[item])))


def _arrow(points: Sequence[Place]) -> str:
    """A smooth line from the right side of the first box, through the placeholders, to the left side of the last."""
    x, y = points[0][0] + points[0][2], points[0][1] + HEIGHT / 2
    path = f"M{x:g} {y:g}"
    for nth, (left, top, wide) in enumerate(points[1:], start=1):
        to_x, to_y = left, top + HEIGHT / 2
        bend = (to_x - x) / 2
        path += f" C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"
        x, y = to_x, to_y
        if nth < len(points) - 1:
            x += wide
            path += f" L{x:g} {y:g}"
    return f'<path class="edge" d="{path}"/>'


def _second(node: Node) -> str:
    """The line below a box's label."""
    return node.shape if node.is_input or not node.name else f"{node.name} {node.shape}"


def _box(node: Node, place: Place) -> str:
    x, y, wide = place
    kind = "input" if node.is_input else "step"
    middle, corner = x + wide / 2, HEIGHT / 2 if node.is_input else 6
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{wide:g}" height="{HEIGHT}" rx="{corner:g}"/>'
        f'<text class="label" x="{middle:g}" y="{y + 19:g}">{escape(node.label)}</text>'
        f'<text class="shape" x="{middle:g}" y="{y + 35:g}">{escape(_second(node))}</text>'
    )


def _document(width: float, height: float, title: str, description: str, drawn: Sequence[str]) -> str:
    style = (
        "text{font-family:ui-sans-serif,system-ui,sans-serif;text-anchor:middle;fill:#111827}"
        ".label{font-size:14px;font-weight:600}.shape{font-size:11px;fill:#374151}"
        ".input{fill:#dbeafe;stroke:#2563eb}.step{fill:#f3f4f6;stroke:#4b5563}"
        ".page{fill:#ffffff;stroke:#d1d5db}"
        ".edge{fill:none;stroke:#4b5563;stroke-width:1.5;marker-end:url(#head)}"
    )
    head = (
        '<marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#4b5563"/></marker>'
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>',
            f"<style>{style}</style>",
            f"<defs>{head}</defs>",
            f'<rect class="page" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="10"/>',
            *drawn,
            "</svg>\n",
        )
    )
