"""A client that reads a page as a browser shows it, so that tests say what is read and not where a template breaks a
line."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

#: No blank shows beside them, nor at either end of what they hold.
BLOCKS = (
    "html|head|body|title|main|header|footer|nav|section|article|aside|div|p|ul|ol|li|dl|dt|dd|h[1-6]|table|caption"
    "|thead|tbody|tfoot|tr|td|th|form|fieldset|legend|details|summary|figure|figcaption|hr|br|option|optgroup|meta|link"
    "|address"
)
TAG = re.compile(r"<[a-zA-Z/](?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
REST = r"\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
BLOCK = rf"</?(?:{BLOCKS}){REST}"
INLINE = "a|abbr|b|code|em|i|kbd|small|span|strong|sub|sup|time"
BESIDE_BLOCK = re.compile(rf" ?({BLOCK}) ?")
#: « <p><a> Lire </a></p> »: a blank begins or ends a block through what is inside.
BEGINS = re.compile(rf"((?:{BLOCK}| )(?:<(?:{INLINE}){REST})+) ")
ENDS = re.compile(rf" ((?:</(?:{INLINE})>)+(?={BLOCK}))")


def as_shown(html: str) -> str:
    """The same page, blanks being one where they show and none where they do not."""
    one = re.sub(r"[ \t\r\n\f]+", " ", html)
    tidy = TAG.sub(lambda tag: re.sub(r'class=" ?([^"]*?) ?"', r'class="\1"', tag[0]).replace(" >", ">"), one)
    return ENDS.sub(r"\1", BEGINS.sub(r"\1", BESIDE_BLOCK.sub(r"\1", tidy))).strip()


class Reader(Client):
    """Reads pages `as_shown`; files and fragments of data are left as they are."""

    def request(self, **request: Any) -> Any:
        """Ask, and tidy what is a page."""
        answer = super().request(**request)
        if isinstance(answer, HttpResponse) and answer.get("Content-Type", "").startswith("text/html"):
            answer.content = as_shown(answer.content.decode()).encode()
        return answer
