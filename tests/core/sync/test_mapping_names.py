"""A government's name is not its city's name; the level stands in the words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.sync import naming


@pytest.mark.parametrize(
    ("government", "city", "more", "country", "name"),
    [
        ("Kaohsiung City Government", "Kaohsiung", "Kaoshiung", "TW", "Kaohsiung"),
        ("City of Yokohama", "Yokohama", "Yokohama", "JP", "Yokohama"),
        ("Kyoto", "Kyoto", "Kyoto City", "JP", "Kyoto"),
        ("Batangas City", "Batangas", "Batangas", "PH", "Batangas City"),
        ("The Local Government of Quezon City", "Quezon City", "", "PH", "Quezon City"),
        ("City Government of Davao", "Davao", "", "PH", "Davao"),
        ("Ho Chi Minh City", "Ho Chi Minh", "", "VN", "Ho Chi Minh City"),
        ("Goyang Metropolitan Government", "Goyang-si", "Goyang", "KR", "Goyang"),
        ("Daegu Metropolitan Government", "Daegu-si", "", "KR", "Daegu"),
        ("Busan Metropolitan City Government", "", "", "KR", "Busan"),
        ("Michuhol-gu Municipal Government of Incheon", "", "Michuhol-gu", "KR", "Michuhol-gu"),
        ("People's Government of Guangzhou Municipality", "", "", "CN", "Guangzhou"),
        ("Hangzhou City People's Government", "Hangzhou City", "", "CN", "Hangzhou"),
        ("City of Yarra", "Richmond", "Richmond", "AU", "Yarra"),
        ("Greater Hyderabad Municipal Corporation", "Hyderabad", "", "IN", "Hyderabad"),
        ("Corporation of Chennai", "", "", "IN", "Chennai"),
        ("Kochi Municipal Corporation", "KOCHI", "Kochi", "IN", "Kochi"),
        ("New Town Kolkata", "", "New Kolkata", "IN", "New Town Kolkata"),
        ("Town of Yosano", "", "Yosano", "JP", "Yosano"),
        ("Tadotsu Town", "", "Tadotsu", "JP", "Tadotsu"),
        ("Ashoro-Town", "", "", "JP", "Ashoro"),
        ("Trenggalek Regency", "", "", "ID", "Trenggalek Regency"),
        ("Melaka Historic City Council", "", "Melaka", "MY", "Melaka"),
        ("Yasothon Town Municipality", "", "Yasothon", "TH", "Yasothon"),
        ("Government of the City of Yogyakarta", "", "", "ID", "Yogyakarta"),
        ("Newcastle City Council", "", "", "GB", "Newcastle"),
        ("City", "", "", "AU", "City"),
        ("高雄市政府", "高雄市", "", "TW", "高雄市"),
        ("", "", "", "JP", ""),
    ],
)
def test_the_city_is_named_and_not_its_government(government: str, city: str, more: str, country: str, name: str) -> None:
    chosen, others = naming.choose([city, government, more], government, country)
    assert chosen == name
    assert set(others) == {each for each in (government, city, more) if each and each.casefold() != name.casefold()}


@pytest.mark.parametrize(
    ("said", "stated", "level"),
    [
        ("Tadotsu Town", None, "town"),
        ("Town of Yosano", "city", "town"),
        ("Ogata Village", None, "town"),
        ("New Town Kolkata", None, "city"),
        ("Pingtung County Government", None, "county"),
        ("Byron Shire Council", None, "county"),
        ("Lampung Barat Regency", "city", "county"),
        ("Kanagawa Prefecture", None, "province"),
        ("Gyeonggi Province", None, "province"),
        ("Hong Kong Special Administrative Region", "city", "city"),
        ("State of Queensland", None, "state"),
        ("Seoul Metropolitan Government", None, "metropolitan"),
        ("Goyang Metropolitan Government", "city", "city"),
        ("Kaohsiung City Government", None, "city"),
        ("Kolkata Metropolitan Area", "metropolitan", "metropolitan"),
        ("神奈川県", None, "province"),
        ("多度津町", None, "town"),
        ("Kyoto", None, "city"),
        ("", None, "city"),
    ],
)
def test_the_level_is_in_the_words(said: str, stated: str | None, level: str) -> None:
    assert naming.level([said], stated) == level


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60), st.sampled_from(["PH", "JP", "KR", ""]))
def test_any_spelling_gives_some_name(spellings: list[str], government: str, country: str) -> None:
    name, _ = naming.choose(spellings, government, country)
    assert bool(name) == any([*spellings, government])
    assert naming.level([*spellings, government]) in {"city", "town", "province", "state", "county", "metropolitan"}
