"""The one door to nh3: text that a person wrote or pasted in the editor, made safe to show and print."""

import re
from html import unescape

import nh3

TAGS = {
    "p", "br", "h2", "h3", "h4", "strong", "em", "u", "s", "ul", "ol", "li", "blockquote", "hr", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "ol": {"start"}}
BLOCKS = re.compile(r"</(?:p|h[1-6]|li|tr|blockquote)>|<br ?/?>|<hr ?/?>")
CELLS = re.compile(r"</t[dh]>")


def clean(html: str) -> str:
    """Return only what a letter needs: headings, paragraphs, lists, tables, links to web addresses; no styles, no scripts."""
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "tel", "mailto"}, link_rel="noopener"
    )


def plain(html: str) -> str:
    """Return the text alone, a line for each block, cells set apart by spaces: for copying and for messages."""
    text = CELLS.sub("　", BLOCKS.sub("\n", html))
    text = unescape(nh3.clean(text, tags=set()))
    return "\n".join(line for line in (one.strip() for one in text.split("\n")) if line)
