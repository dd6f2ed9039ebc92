"""SMTP_URL: every form that a relay needs, and a sentence for the rest."""

import pytest

from services.notifier.smtp_url import RelayAddress, SmtpUrlError, parse


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("smtp://mail.example", RelayAddress("mail.example", 25, "offered")),
        ("smtp://127.0.0.1:1025", RelayAddress("127.0.0.1", 1025, "offered")),
        ("smtp://[::1]:1025/", RelayAddress("::1", 1025, "offered")),
        ("smtps://mail.example", RelayAddress("mail.example", 465, "from_start")),
        ("smtp://user:p%40ss%3Aword@mail.example", RelayAddress("mail.example", 587, "required", "user", "p@ss:word")),
        ("smtp://me%40city:x@mail.example:25?starttls=never", RelayAddress("mail.example", 25, "never", "me@city", "x")),
        ("smtp://mail.example:587?starttls=required", RelayAddress("mail.example", 587, "required")),
        ("smtps://user:x@mail.example:8465", RelayAddress("mail.example", 8465, "from_start", "user", "x")),
    ],
)
def test_a_url_names_a_relay(url: str, address: RelayAddress) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://mail.example:99999",
        "smtp://mail.example?starttls=maybe",
        "smtp://mail.example?tls=yes",
        "smtps://mail.example?starttls=required",
        "smtp://mail.example/path",
        "smtp://user:secret@mail.example?x=1",
        "smtp://[::1",
    ],
)
def test_another_url_is_refused_in_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(SmtpUrlError) as refused:
        parse(url)
    assert "SMTP_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(parse("smtps://user:hidden@mail.example"))
