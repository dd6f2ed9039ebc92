import json
import smtplib
import stat
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from services.local.engines.mailbox import ADDRESS_FILE, Address, mailbox_command, mailbox_is_ready, read_address
from tests.local.conftest import ROOT, until


class Mailbox:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(mailbox_command(self.data_dir), cwd=ROOT)
        until(lambda: mailbox_is_ready(self.data_dir, self.process.pid))

    @property
    def address(self) -> Address:
        address = read_address(self.data_dir)
        assert address is not None
        return address

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address["mailbox_url"] + path) as response:  # noqa: S310 - our own http address
            body: bytes = response.read()
            return body

    def items(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.get(f"/api/messages{query}"))["items"]
        return found

    def take(self, *letters: EmailMessage, to: str = "ann@example.org") -> None:
        with smtplib.SMTP("127.0.0.1", self.address["smtp_port"]) as smtp:
            for letter in letters:
                smtp.send_message(letter, from_addr="bounce+1@example.org", to_addrs=[to])


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path_factory.mktemp("mailbox"))
    yield box
    box.process.terminate()
    assert box.process.wait(10) == 0


def letter(subject: str = "Hello", text: str = "text\n", html: str | None = None, cte: str = "quoted-printable") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "ComP Hub <hub@example.org>"
    message["To"] = "Ann <ann@example.org>"
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text, cte=cte)
    if html is not None:
        message.add_alternative(html, subtype="html", cte=cte)
    return message


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
def test_a_letter_is_read_in_any_encoding(mailbox: Mailbox, cte: str) -> None:
    text, html = "評審邀請, Łódź: https://example.org/review?a=1&b=2\n.\n..\n", "<p>評審 Łódź</p>\n"
    subject = "審查邀請 – Łódź " + "a long subject " * 8
    to = f"{cte}@Example.org"
    mailbox.take(letter(subject, text, html, cte), to=to)
    (item,) = mailbox.items(f"?to={quote(to.upper())}")
    assert item["to"] == to
    assert item["from"] == "hub@example.org"
    assert (item["subject"], item["text"], item["html"]) == (subject.strip(), text, html)
    assert item["headers"]["Message-ID"] == "<1@example.org>"
    assert item["envelope"] == {"from": "bounce+1@example.org", "to": [to]}
    raw = mailbox.get(f"/api/messages/{item['id']}/raw")
    assert message_from_bytes(raw)["Message-ID"] == "<1@example.org>"


def test_broken_letters_are_shown_all_the_same(mailbox: Mailbox) -> None:
    raw = (
        b"Subject: \xe5\xaf\xa9 =?no-such?b?AAA?=\r\nFrom: <\xff\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff \xe5\xaf\xa9\r\n"
    )
    with smtplib.SMTP("127.0.0.1", mailbox.address["smtp_port"]) as smtp:
        smtp.sendmail("", ["broken@example.org", "second@example.org"], raw)
    (item,) = mailbox.items("?to=second@example.org")
    assert item["to"] == "broken@example.org, second@example.org"
    assert "審" in item["subject"]
    assert item["text"] == "\ufffd 審\n"
    assert mailbox.get(f"/api/messages/{item['id']}/raw") == raw
    assert "審" in mailbox.get(f"/messages/{item['id']}").decode()


def test_since_and_order(mailbox: Mailbox) -> None:
    before = datetime.now(UTC)
    mailbox.take(*(letter(str(number)) for number in range(3)), to="order@example.org")
    since = quote(before.isoformat())
    assert [item["subject"] for item in mailbox.items(f"?to=order@example.org&since={since}")] == ["0", "1", "2"]
    received = [datetime.fromisoformat(item["received_at"]) for item in mailbox.items(f"?since={since}")]
    assert received == sorted(received)
    assert received[0] >= before
    # The same moment in another zone, with a plus that nobody encoded.
    elsewhere = (before + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"
    assert len(mailbox.items(f"?to=order@example.org&since={elsewhere}")) == 3
    later = quote((datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    assert mailbox.items(f"?since={later}") == []
    assert mailbox.items("?to=order") == []


@pytest.mark.parametrize("since", ["yesterday", "", "2026-05-01", "2026-05-01T12:00:00", "0001-01-01T00:00:00%2B14:00"])
def test_a_since_that_is_no_time_is_refused(mailbox: Mailbox, since: str) -> None:
    status, kind, body = status_of(mailbox, f"/api/messages?since={since}")
    assert (status, kind) == (400, "application/problem+json")
    assert "RFC 3339" in json.loads(body)["detail"]


@pytest.mark.parametrize("identifier", ["0", "9" * 400, "-1", "x", "1%2F..", "%00", "²"])
def test_unknown_ids_are_not_found(mailbox: Mailbox, identifier: str) -> None:
    status, kind, _ = status_of(mailbox, f"/api/messages/{quote(identifier, safe='%')}/raw")
    assert (status, kind) == (404, "application/problem+json")
    assert status_of(mailbox, f"/messages/{quote(identifier, safe='%')}")[:2] == (404, "text/html; charset=utf-8")


def status_of(mailbox: Mailbox, path: str, method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
    connection = HTTPConnection(urlsplit(mailbox.address["mailbox_url"]).netloc)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()
    finally:
        connection.close()


def test_it_only_reads_and_only_under_its_own_name(mailbox: Mailbox) -> None:
    assert status_of(mailbox, "/api/messages", "DELETE")[0] == 405
    assert status_of(mailbox, "/api/messages", Host="evil.example")[0] == 403
    assert status_of(mailbox, "/api/messages", Host="localhost:1")[0] == 200
    assert status_of(mailbox, "/", "HEAD")[2] == b""


def test_pages_for_people_lock_the_letter_in(mailbox: Mailbox) -> None:
    html = '<html><head></head><body><a href="https://example.org/a?b=1&amp;c=2">go</a><script>alert(1)</script></body></html>'
    mailbox.take(letter('<b>&"', "see https://example.org/a?b=1&c=2.\n</pre><script>", html), to="page@example.org")
    (item,) = mailbox.items("?to=page@example.org")
    page = mailbox.get(f"/messages/{item['id']}").decode()
    assert "<script" not in page
    assert "&lt;b&gt;&amp;&quot;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "&lt;base target=&quot;_blank&quot;&gt;" in page
    assert '<a href="https://example.org/a?b=1&amp;c=2" ' in page
    assert f"/api/messages/{item['id']}/raw" in page
    listed = mailbox.get("/?to=page@example.org").decode()
    assert f'href="/messages/{item["id"]}"' in listed
    assert "1 letter" in listed
    assert "No letters yet" in mailbox.get("/?to=%22%3E%3Cscript%3E").decode()


def test_a_killed_mailbox_keeps_its_letters_and_its_address(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    try:
        before = box.address
        assert stat.S_IMODE((tmp_path / ADDRESS_FILE).stat().st_mode) == 0o600
        box.take(letter("kept"))
        box.process.kill()
        box.process.wait()
        box.start()
        assert {**box.address, "pid": 0} == {**before, "pid": 0}
        assert [item["subject"] for item in box.items()] == ["kept"]
        second = subprocess.run(mailbox_command(tmp_path), cwd=ROOT, capture_output=True, text=True, check=False)
        assert second.returncode == 2
        assert f"pid {box.process.pid}" in second.stderr
    finally:
        box.process.terminate()
        box.process.wait(10)
