"""Which links a reader can follow, told from how they are written; and the list of the SDG targets."""

import pytest

from services.core.practices import links, sdgs


@pytest.mark.parametrize(
    "link",
    [
        "https://www.kcg.gov.tw/報告?year=2023#page=2",
        "http://city.example:8080/a",
        "https://臺北市.台灣/x",
        "https://xn--fiq228c.example",
        "https://en.wikipedia.org/wiki/Carbon_(element)",
        "HTTPS://City.Example.",
        "https://93.184.216.34/x",
        "https://[2606:2800:220:1::1]/x",
    ],
)
def test_a_link_that_can_be_followed(link: str) -> None:
    assert links.fault(link) == ""
    assert links.faults(f"See {link}, or ask. ({link})") == []


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("ftp://city.example/x", "does not begin"),
        ("http:/city.example", "does not begin"),
        ("https:city.example", "does not begin"),
        ("https://", "does not begin"),
        ("htp://city.example", "does not begin"),
        ("javascript://city.example/%0aalert(1)", "does not begin"),
        ("https://city", "names no site"),
        ("https://city..example", "names no site"),
        ("https://-city.example", "names no site"),
        ("https://1.2.3", "names no site"),
        ("https://user:secret@city.example", "user name"),
        ("https://localhost/x", "private network"),
        ("http://printer.local", "private network"),
        ("http://127.0.0.1", "private network"),
        ("http://192.168.1.20/report", "private network"),
        ("http://10.0.0.1", "private network"),
        ("http://169.254.169.254/latest", "private network"),
        ("http://[::1]/x", "private network"),
        ("http://[::1/x", "not written like"),
        ("https://city.example:99999/x", "not written like"),
        ("https://city.example/" + "a" * 2_000, "longer than"),
    ],
)
def test_a_link_that_leads_nowhere(link: str, why: str) -> None:
    assert why in links.fault(link)
    assert [why in said for found, said in links.faults(f"Look at {link} for more.")] == [True]


@pytest.mark.parametrize("link", ["", "city.example", "https://city.example/a b", "https://city.example/a\u0000"])
def test_what_is_no_link_at_all(link: str) -> None:
    assert links.fault(link)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Note: none.",
        "at 9:30",
        "ratio 1:2",
        "c'est-à-dire :",
        "（見https://city.example。）",
        "「https://city.example」の報告",
        "<https://city.example>",
    ],
)
def test_texts_without_a_bad_link(text: str) -> None:
    assert links.faults(text) == []


def test_each_bad_link_is_told_once_and_not_without_end() -> None:
    assert [link for link, _ in links.faults("ftp://a.b, then ftp://a.b and ftp://c.d")] == ["ftp://a.b", "ftp://c.d"]
    assert len(links.faults(" ".join(f"ftp://a.b/{n}" for n in range(1_000)))) == links.MOST


def test_the_sdg_targets_are_the_169() -> None:
    """The counts of each goal as the General Assembly adopted them."""
    counts = [7, 8, 13, 10, 9, 8, 5, 12, 8, 10, 10, 11, 5, 10, 12, 12, 19]
    by_goal = [sum(sdgs.goal(target) == str(number) for target in sdgs.targets()) for number in range(1, 18)]
    assert by_goal == counts
    assert len(sdgs.targets()) == 169
    assert all(sdgs.FORM.fullmatch(target) for target in sdgs.targets())
    assert {"11.6", "11.b", "17.17", "13.2", "9.4", "8.10"} <= sdgs.targets()
    assert not {"17.20", "17.a", "9.9", "11.d", "0.1"} & sdgs.targets()
