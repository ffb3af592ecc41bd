"""A run for notebooks: the first part of its Markdown report as HTML, and the chart."""

import base64
import html
import re

END = "## Further figures"


def page(markdown, chart):
    """`markdown` is a report of the program, `chart` an SVG. Nothing of them can be more than text and a picture here."""
    blocks = markdown.partition(END)[0].strip().split("\n\n")
    picture = base64.b64encode(chart.encode("utf-8")).decode("ascii")
    return (
        "<div>"
        + "".join(map(block_of, blocks))
        + f'<img src="data:image/svg+xml;base64,{picture}" alt="Chart of the speed-ups" style="max-width:100%"/>'
        + "</div>"
    )


def block_of(block):
    lines = block.splitlines()
    if block.startswith("|"):
        return table(lines)
    if block.startswith("#"):
        return f"<p><strong>{text(block.lstrip('# '))}</strong></p>"
    if block.startswith("- "):
        return "<ul>" + "".join(f"<li>{text(line[2:])}</li>" for line in lines) + "</ul>"
    return f"<p>{text(' '.join(line.lstrip('> ') for line in lines))}</p>"


def table(lines):
    head, alignment, *rows = map(cells, lines)
    sides = ["right" if cell.endswith(":") and not cell.startswith(":") else "left" for cell in alignment]
    return (
        "<table><thead>"
        + row(head, sides, "th")
        + "</thead><tbody>"
        + "".join(row(cells, sides, "td") for cells in rows)
        + "</tbody></table>"
    )


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def row(cells, sides, kind):
    made = (f'<{kind} style="text-align:{side}">{text(cell)}</{kind}>' for cell, side in zip(cells, sides))
    return "<tr>" + "".join(made) + "</tr>"


def text(markdown):
    """Text of Markdown as HTML. Only bold text is more than plain."""
    parts = re.split(r"(?<!\\)\*\*", markdown)
    plain = [html.escape(unescaped(part)) for part in parts]
    return "".join(f"<strong>{part}</strong>" if index % 2 else part for index, part in enumerate(plain))


def unescaped(markdown):
    """Without the spaces of no width, with which the report keeps addresses from becoming links, and backslashes."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(markdown).replace("\u200b", ""))
