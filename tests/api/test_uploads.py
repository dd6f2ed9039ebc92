"""Forms with files: what is read of them, and what is refused before any route sees it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.api import uploads
from services.api.uploads import Part
from services.core.kit.errors import Problem
from services.core.kit.settings import Settings
from tests.fixtures.house import House
from tests.fixtures.targets import PATH

TYPE = b'multipart/form-data; boundary="b-1"'
HEAD = b'Content-Disposition: form-data; name="%s"'


def form(*parts: tuple[bytes, bytes], end: bytes = b"--b-1--\r\n") -> bytes:
    return b"".join(b"--b-1\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + end


def test_fields_and_files_are_known_by_their_names() -> None:
    csv = b"a,b\r\n\r\n--b-2\r\nc;--b-1"
    body = form((HEAD % b"kind", b"cdp_targets"), (HEAD % b"file" + b'; filename="../../etc/passwd"\r\nContent-Type: text/csv', csv))
    fields = {"kind": Part(b"cdp_targets"), "file": Part(csv, "../../etc/passwd", "text/csv")}
    assert uploads.parse(TYPE, body) == fields
    assert uploads.parse(TYPE, b"preamble\r\n" + body + b"epilogue") == fields
    assert uploads.parse(TYPE, form((HEAD % b"empty", b""))) == {"empty": Part(b"")}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (b'filename="report.pdf"', "report.pdf"),
        (b"filename=report.pdf", "report.pdf"),
        ('filename="報告.pdf"'.encode(), "報告.pdf"),
        (b"filename*=UTF-8''%E5%A0%B1%E5%91%8A.pdf", "報告.pdf"),
        (b"filename=\"_.pdf\"; filename*=utf-8'en'%E5%A0%B1.pdf", "報.pdf"),
        (b"filename*=iso-8859-1''Z%FCrich.pdf", "Zürich.pdf"),
        (b'filename="a; name=b.pdf"', "a; name=b.pdf"),
        (rb'filename="say \"hi\".pdf"', 'say "hi".pdf'),
        (b'filename="say %22hi%22 50%25.pdf"', 'say "hi" 50%25.pdf'),
        (rb'filename="C:\Users\me\report.pdf"', "C:\\Users\\me\\report.pdf"),
        (b'filename=""', ""),
    ],
)
def test_a_file_is_called_what_its_sender_calls_it(said: bytes, name: str) -> None:
    part = uploads.parse(TYPE, form((HEAD % b"file" + b"; " + said, b"1")))["file"]
    assert part.filename == name


@pytest.mark.parametrize("said", [b'filename="\xff.pdf"', b"filename*=UTF-8''%FF.pdf"])
def test_a_name_that_is_no_text_is_refused(said: bytes) -> None:
    with pytest.raises(Problem) as refused:
        uploads.parse(TYPE, form((HEAD % b"file" + b"; " + said, b"1")))
    assert (refused.value.code, refused.value.errors[0].pointer) == ("file-name-refused", "/file")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"multipart/form-data", form((HEAD % b"a", b"1"))),
        (b"multipart/form-data; boundary=" + b"x" * 71, form((HEAD % b"a", b"1"))),
        (TYPE, b""),
        (TYPE, b"kind=cdp_targets"),
        (TYPE, form((HEAD % b"a", b"1"), end=b"")),
        (TYPE, form((HEAD % b"a", b"1"), (HEAD % b"a", b"2"))),
        (TYPE, form((b"Content-Type: text/csv", b"1"))),
        (TYPE, form((b'Content-Disposition: attachment; name="a"', b"1"))),
        (TYPE, form((HEAD % b"", b"1"))),
        (TYPE, form((HEAD % (b"x" * 101), b"1"))),
        (TYPE, form((b"X: " + b"x" * 9_000 + b"\r\n" + HEAD % b"a", b"1"))),
        (TYPE, b"--b-1\r\n" + HEAD % b"a" + b"\r\n--b-1--\r\n"),
        (TYPE, form(*((HEAD % b"%d" % number, b"") for number in range(30)))),
    ],
)
def test_what_is_no_form_is_refused(kind: bytes, body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        uploads.parse(kind, body)
    assert (refused.value.code, refused.value.status) == ("malformed-request", 400)


def test_the_same_form_is_the_same_whatever_its_boundary_and_order() -> None:
    assert uploads.same({"a": Part(b"1"), "b": Part(b"2")}) == uploads.same({"b": Part(b"2"), "a": Part(b"1")})
    texts = [{"a": b"1", "b": b"2"}, {"a": b"12"}, {"a": b"1=1:2;"}, {"a": b"1", "b": b"3"}, {"ab": b"2"}, {}]
    different = [{name: Part(content) for name, content in each.items()} for each in texts]
    different += [{"a": Part(b"12", "a.csv")}, {"a": Part(b"12", "b.csv")}, {"a": Part(b"12", "a.csv", "text/csv")}]
    assert len({uploads.same(each) for each in different}) == len(different)


async def test_a_file_has_its_own_limit_and_what_is_no_form_has_the_usual_one(house: House, settings: Settings) -> None:
    key = {"Idempotency-Key": "large"}
    for size, status in ((settings.body_limit_bytes + 1, 422), (settings.import_body_limit_bytes + 1, 413)):
        answer = await house.admin.post(PATH, data={"kind": "cdp_targets"}, files={"file": ("a.csv", b"x" * size)}, headers=key)
        assert answer.status_code == status
    plain = await house.admin.post(
        PATH, content=b'"' + b"x" * settings.body_limit_bytes + b'"', headers={"Content-Type": "application/json"}
    )
    assert plain.status_code == 413
    broken = await house.admin.post(PATH, content=b"--x", headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed-request")


async def test_nobodys_file_is_read_before_it_is_known_that_they_may_send_one(house: House, anonymous: httpx.AsyncClient) -> None:
    city = (await house.admin.post("/v1/jurisdictions", json={"name": "City", "level": "city", "country": "TW"})).json()["id"]
    asked: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            asked.append(1)
            yield b"x" * 100_000

    async def refused(client: httpx.AsyncClient) -> httpx.Response:
        asked.clear()
        answer = await client.post(PATH, content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert answer.headers["connection"] == "close"
        assert len(asked) <= 1
        return answer

    assert (await refused(anonymous)).status_code == 401
    bound = await refused(await house.platform("commitments:write", jurisdictions=[city]))
    assert bound.status_code == 403
    assert "some jurisdictions only" in bound.json()["detail"]
