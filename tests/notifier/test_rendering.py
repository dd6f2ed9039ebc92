"""What letters look like: whole, in their reader's time, and safe whatever people are called."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

import pytest

from services.core.kit.settings import Settings
from services.notifier.letters import LETTERS, practice_decided, recognition_granted
from services.notifier.reader import Reader
from services.notifier.render import TEMPLATES, Rendered, UnsendableAddressError, address, compose, display_name, moment, render
from tests.notifier.probe import Probe

GIVEN = Settings(public_url="https://hub.example", secret_key="x" * 32)  # type: ignore[arg-type]
HEADERS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type", "Content-Language"),
]
WRITTEN_AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def reader(name: str = "Wang Mei-hua", *, locale: str = "en", time_zone: str = "Asia/Taipei") -> Reader:
    return Reader(name, "reader@city.example", locale, time_zone)


def message(letter: Rendered, to: Reader) -> EmailMessage:
    raw = compose(letter, to, GIVEN, message_id="<1@comphub.example>", written_at=WRITTEN_AT)
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(row) for row in raw.split(b"\r\n")) <= 998
    return message_from_bytes(raw, policy=default)


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.language: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "img"}:
            self.open.append(tag)
        found = dict(attrs)
        if tag == "html":
            self.language = found.get("lang")
        if tag == "a":
            self.links.append(found.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_every_letter_is_whole_in_text_and_html(kind: str) -> None:
    sample = LETTERS[kind].sample
    rendered = render(kind, sample, GIVEN)
    mail = message(rendered, sample.reader)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert [part.get_content_subtype() for part in mail.iter_parts()] == ["plain", "html"]
    assert mail["Subject"] == rendered.subject
    assert 10 < len(rendered.subject) <= 69
    for body in (rendered.text, rendered.html):
        assert sample.reader.name in body
        assert "secretariat@comphub.example" in body
        assert not re.search(r"\{\{|\}\}|\{%|None|Undefined", body)
    assert max(len(row) for row in rendered.text.splitlines() if "://" not in row) <= 120
    reading = _Reading()
    reading.feed(rendered.html)
    assert reading.open == []
    assert reading.language == "en"
    link = getattr(sample, "link", None)
    assert link is None or (link in rendered.text.split() and link in reading.links)
    assert all(href.startswith(("https://", "mailto:")) for href in reading.links)


def test_letters_and_their_folders_are_the_same() -> None:
    assert sorted(LETTERS) == sorted(folder.name for folder in TEMPLATES[0].iterdir() if (folder / "subject.txt").exists())


def test_the_header_set_is_exact() -> None:
    sample = LETTERS["review_requested"].sample
    mail = message(render("review_requested", sample, GIVEN), sample.reader)
    assert mail.keys() == HEADERS
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] == "secretariat@comphub.example"
    assert mail["Content-Language"] == "en"
    assert mail["From"] == "ComP Hub <no-reply@comphub.example>"
    assert mail["Date"] == "Tue, 24 Nov 2026 09:30:00 +0000"
    assert mail.get_content_type() == "multipart/alternative"


def test_the_request_tells_why_what_how_long_when_who_and_what_if_not() -> None:
    text = render("review_requested", LETTERS["review_requested"].sample, GIVEN).text
    for said in (
        "- You work on energy transition, the theme of this practice.",
        "Net Zero City Development Autonomy Ordinance",
        "Kaohsiung City",
        "about an hour",
        "Friday, 4 December 2026, 17:00 (Taiwan Standard Time, Asia/Taipei; 2026-12-04 09:00 UTC)",
        "Friday, 15 January 2027, 23:59",
        "Decline on the same page",
        "The secretariat",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("locale", "time_zone", "told"),
    [
        ("en-GB", "Asia/Taipei", "Friday, 4 December 2026, 17:00 (Taiwan Standard Time, Asia/Taipei; 2026-12-04 09:00 UTC)"),
        ("en", "Asia/Tokyo", "Friday, December 4, 2026, 6:00 PM (Japan Standard Time, Asia/Tokyo; 2026-12-04 09:00 UTC)"),
        (
            "en_US",
            "America/Los_Angeles",
            "Friday, December 4, 2026, 1:00 AM (Pacific Standard Time, America/Los_Angeles; 2026-12-04 09:00 UTC)",
        ),
        (
            "zh-Hant",
            "Pacific/Auckland",
            "Friday, December 4, 2026, 10:00 PM (New Zealand Daylight Time, Pacific/Auckland; 2026-12-04 09:00 UTC)",
        ),
        ("no such locale", "Mars/Olympus", "Friday, December 4, 2026, 9:00 AM (Coordinated Universal Time; 2026-12-04 09:00 UTC)"),
    ],
)
def test_times_are_the_readers_own(locale: str, time_zone: str, told: str) -> None:
    assert moment(datetime(2026, 12, 4, 9, 0, tzinfo=UTC), reader(locale=locale, time_zone=time_zone)) == told


def test_a_missing_word_is_an_error_never_an_empty_place() -> None:
    with pytest.raises(Exception, match="practice_title"):
        render("review_requested", Probe(reader=reader(), words="no such letter"), GIVEN)


def test_a_long_title_is_shortened_in_the_subject_and_whole_in_the_letter() -> None:
    title = "淨零城市" * 40
    sample = practice_decided.SAMPLE
    given = replace(sample, practice_title=title)
    rendered = render("practice_decided", given, GIVEN)
    assert len(rendered.subject) <= 69
    assert rendered.subject.endswith("…")
    assert title in rendered.text
    assert message(rendered, sample.reader)["Subject"] == rendered.subject


@pytest.mark.parametrize(
    "title",
    [
        "Counting carbon together: the Industrial Net Zero Alliance of factories",
        "A coal port buys wind: long contracts and a solar farm on a landfill",
        "淨零城市發展自治條例：從承諾到法律，以及每一年的檢查與公開說明，還有更多的文字來超過主旨的長度",
        "Zürich wärmt sich: Abwärme für zehntausend Wohnungen in der Innenstadt",
        "a " * 60,
    ],
)
def test_the_subject_is_read_as_it_was_written(title: str) -> None:
    context = replace(practice_decided.SAMPLE, practice_title=title)
    letter = render("practice_decided", context, GIVEN)
    assert str(message(letter, context.reader)["Subject"]) == letter.subject


def test_markup_in_what_people_wrote_is_words_in_html() -> None:
    sample = recognition_granted.SAMPLE
    hostile = "<script>alert(1)</script><a href=javascript:x>{{ 7*7 }}"
    html = render("recognition_granted", replace(sample, practice_title=hostile), GIVEN).html
    assert "<script>" not in html
    assert "<a href=javascript" not in html
    assert "{{ 7*7 }}" in html


HOSTILE = [
    "Wang\r\nBcc: victim@else.example",
    "Wang\nX-Evil: 1",
    "Wang\rMei",
    "Wang\x0b\x0c\x1c\x85\u2028\u2029Mei",
    "Wang\x00Mei",
    "\u202eevil\u202c\u2066x\u2069",
    "a@b.example, c@d.example",
    '"quoted" <x@y.example>',
    "Doe, John; group: a@b.example;",
    "(comment) back\\slash [x]",
    "=?utf-8?q?Bcc=3A_x=40y.example?=",
    "王小明" * 60,
    "",
    "   ",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_a_header(name: str) -> None:
    _check_name(name)


def test_random_names_break_no_header() -> None:
    chance = random.Random(5)
    alphabet = "ab ,;:<>@\"'\\()[]=?\r\n\t\x0b\x00\x1f\x7f\x85\u2028\u2029\u202e\u200bé王🌍\U000e0001"
    for _ in range(300):
        _check_name("".join(chance.choices(alphabet, k=chance.randint(0, 90))))


def _check_name(name: str) -> None:
    to = reader(name)
    mail = message(Rendered(f"For {display_name(name)}", "text", "<p>html</p>"), to)
    assert mail.keys() == HEADERS
    [addressee] = mail["To"].addresses
    assert addressee.addr_spec == "reader@city.example"
    assert not mail.defects


@pytest.mark.parametrize(
    ("given", "plain"),
    [("a@b.example", "a@b.example"), ("o'brien+x@b.example", "o'brien+x@b.example"), ("a@bücher.example", "a@xn--bcher-kva.example")],
)
def test_addresses_are_written_as_plain_smtp_does(given: str, plain: str) -> None:
    assert address(given) == plain


@pytest.mark.parametrize(
    "given",
    ["", "@", "a", "a@", "@b.example", "a b@c.example", "é@c.example", "a@b.example\r\nRCPT TO:<x@y>", "<a>@b.example", "a@..", "a,b@c.d"],
)
def test_addresses_that_are_none_are_refused(given: str) -> None:
    with pytest.raises(UnsendableAddressError):
        address(given)
