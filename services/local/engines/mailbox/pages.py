"""The mailbox for people: a list of letters and a page per letter, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from string import Template
from urllib.parse import quote, urlencode

from services.local.engines.mailbox.reading import Reading, read_letter
from services.local.engines.mailbox.store import Letter

# No script at all, nothing from other hosts: whatever a letter contains, it can only be read.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; justify-content: space-between; }
h1 { font-size: 1.4rem; margin: 0; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
td.when { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 36rem; border: 1px solid #8886; border-radius: .4rem; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid #8886; border-radius: .4rem; }
input, button { font: inherit; padding: .25rem .5rem; }
"""
_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><style>$style</style></head><body>$body</body></html>
""")
_LIST = Template("""<header><h1>Mailbox</h1>
<form method="get" action="/"><label>Letters to <input type="email" name="to" value="$to" placeholder="any address"></label>
<button>Show</button> $everything</form></header>
<main><p>$count</p>$table</main>""")
_LETTER = Template("""<header><h1>$subject</h1><nav><a href="/">All letters</a></nav></header>
<main><dl><dt>From</dt><dd>$sender</dd><dt>To</dt><dd>$recipients</dd><dt>Received</dt>
<dd><time datetime="$received_at">$received</time></dd></dl>
<p><a href="/api/messages/$id/raw">Source</a></p>
$parts
<details><summary>All headers</summary><dl>$headers</dl></details></main>""")
# Links in a letter open beside the mailbox; the letter itself stays locked in (no scripts, no forms, no top window).
_FRAME = Template("""<h2>As HTML</h2><iframe title="The letter as HTML"
sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" srcdoc="$document"></iframe>""")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_NEW_WINDOW = '<base target="_blank">'


def list_page(letters: Sequence[Letter], to: str | None) -> str:
    """The letters, the newest on top."""
    body = _LIST.substitute(
        to=escape(to or ""),
        everything='<a href="/">All letters</a>' if to else "",
        count=_count(len(letters)),
        table=_table(letters) if letters else "",
    )
    return _PAGE.substitute(title="Mailbox", style=_STYLE, body=body)


def letter_page(letter: Letter) -> str:
    """One letter with its HTML, its text and its headers."""
    reading = read_letter(letter.raw)
    subject = reading.subject or "(no subject)"
    body = _LETTER.substitute(
        id=quote(letter.id),
        subject=escape(subject),
        sender=escape(reading.headers.get("From", letter.sender)),
        recipients=", ".join(_filter_link(address) for address in letter.recipients),
        received_at=escape(letter.received_at),
        received=_readable_time(letter.received_at),
        parts="\n".join(_parts(reading)),
        headers="".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in reading.headers.items()),
    )
    return _PAGE.substitute(title=escape(subject), style=_STYLE, body=body)


def failure_page(title: str, detail: str) -> str:
    """A page that says why there's nothing to see."""
    body = f'<header><h1>{escape(title)}</h1><nav><a href="/">All letters</a></nav></header><main><p>{escape(detail)}</p></main>'
    return _PAGE.substitute(title=escape(title), style=_STYLE, body=body)


def _table(letters: Sequence[Letter]) -> str:
    rows = "".join(_row(letter) for letter in reversed(letters))
    return f"<table><thead><tr><th>Received</th><th>To</th><th>From</th><th>Subject</th></tr></thead><tbody>{rows}</tbody></table>"


def _row(letter: Letter) -> str:
    reading = read_letter(letter.raw)
    recipients = ", ".join(_filter_link(address) for address in letter.recipients)
    subject = f'<a href="/messages/{quote(letter.id)}">{escape(reading.subject or "(no subject)")}</a>'
    when = f'<time datetime="{escape(letter.received_at)}">{_readable_time(letter.received_at)}</time>'
    sender = escape(reading.sender or letter.sender)
    return f'<tr><td class="when">{when}</td><td>{recipients}</td><td>{sender}</td><td>{subject}</td></tr>'


def _parts(reading: Reading) -> Iterator[str]:
    if reading.html is not None:
        yield _FRAME.substitute(document=escape(_opening_links_beside(reading.html)))
    if reading.text is not None:
        yield f"<h2>As text</h2><pre>{_with_links(reading.text)}</pre>"
    if reading.html is None and reading.text is None:
        yield "<p>This letter has no text; look at its source.</p>"


def _opening_links_beside(html: str) -> str:
    if _HEAD.search(html):
        return _HEAD.sub(lambda head: head[0] + _NEW_WINDOW, html, count=1)
    return f"<!doctype html>{_NEW_WINDOW}{html}"


def _with_links(text: str) -> str:
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        url = escape(link[0])
        pieces += [escape(text[end : link.start()]), f'<a href="{url}" target="_blank" rel="noopener noreferrer">{url}</a>']
        end = link.end()
    return "".join([*pieces, escape(text[end:])])


def _filter_link(address: str) -> str:
    return f'<a href="/?{escape(urlencode({"to": address}))}">{escape(address)}</a>'


def _readable_time(received_at: str) -> str:
    return escape(f"{received_at[:10]} {received_at[11:19]} UTC")


def _count(number: int) -> str:
    if number == 0:
        return "No letters yet."
    return "1 letter" if number == 1 else f"{number} letters"
