"""Which words of a text changed: nothing is lost, every script reads well, and nothing takes long."""

import random
import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.core.practices import edits as module
from services.core.practices.edits import Edit, edits, tokens

LETTERS = "ab c.'1,2-\n 市热网の ガธรณี한글é👩\u200d👧🇹🇼क्षि"
texts = st.text(st.sampled_from(LETTERS), max_size=40) | st.text(max_size=30)


def shown(before: str, after: str) -> str:
    """The edits on one line: [-deleted-], {+inserted+}."""
    forms = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(forms[edit.op].format(edit.text) for edit in edits(before, after))


def joined(found: tuple[Edit, ...], *ops: str) -> str:
    return "".join(edit.text for edit in found if edit.op in ops)


@pytest.mark.parametrize(
    ("before", "after", "reads"),
    [
        ("The network heats 9,400 homes.", "The network heats 10,200 homes.", "The network heats [-9,400-]{+10,200+} homes."),
        ("The city built pipes.", "The council laid pipes.", "The [-city built-]{+council laid+} pipes."),
        ("the city's heat", "the cities' heat", "the [-city's-]{+cities'+} heat"),
        ("It works.", "It works well.", "It works{+ well+}."),
        ("Début à l’été", "Début à l’automne", "Début à [-l’été-]{+l’automne+}"),
        ("区域供热网络", "区域供暖网络", "区域供[-热-]{+暖+}网络"),
        ("焼却炉の廃熱を利用する", "下水の廃熱を利用する", "[-焼却炉-]{+下水+}の廃熱を利用する"),
        ("온실가스 배출을 줄였다", "온실가스 배출을 크게 줄였다", "온실가스 배출을 {+크게 +}줄였다"),
        ("น้ำท่วมลดลงร้อยละ 20", "น้ำท่วมลดลงร้อยละ 35", "น้ำท่วมลดลงร้อยละ [-20-]{+35+}"),
        ("हिन्दी में लिखा", "हिंदी में लिखा", "[-हिन्दी-]{+हिंदी+} में लिखा"),
        ("für 🇹🇼 und 👩\u200d👩\u200d👧", "für 🇯🇵 und 👩\u200d👩\u200d👧", "für [-🇹🇼-]{+🇯🇵+} und 👩\u200d👩\u200d👧"),
        ("", "Neu.", "{+Neu.+}"),
        ("Same.", "Same.", "Same."),
    ],
)
def test_a_change_reads_well_in_its_script(before: str, after: str, reads: str) -> None:
    assert shown(before, after) == reads


def test_crumbs_between_two_changes_belong_to_them_and_words_do_not() -> None:
    assert shown("one two three four", "un deux three quatre") == "[-one two-]{+un deux+} three [-four-]{+quatre+}"
    assert shown("one – two", "un – deux") == "[-one – two-]{+un – deux+}"
    assert shown("旧城的管道", "新区的热网") == "[-旧城的管道-]{+新区的热网+}"
    assert shown("旧城区的管道", "新城区的热网") == "[-旧-]{+新+}城区的[-管道-]{+热网+}"


@given(texts, texts)
@example("1.", "1.5")
@example("ก", "กำ")
def test_the_pieces_joined_are_the_texts(before: str, after: str) -> None:
    found = edits(before, after)
    assert joined(found, "equal", "delete") == before
    assert joined(found, "equal", "insert") == after
    assert all(edit.text for edit in found)
    assert all(one.op != other.op for one, other in pairwise(found))


@given(texts | st.text("甲乙 ", max_size=12), texts | st.text("甲乙 ", max_size=12))
@example("乙甲甲乙甲甲", "  甲乙甲乙")
def test_from_the_other_side_insertions_are_deletions(before: str, after: str) -> None:
    swapped = {"equal": "equal", "delete": "insert", "insert": "delete"}
    there = [(edit.op, edit.text) for edit in edits(before, after)]
    back = [(swapped[edit.op], edit.text) for edit in edits(after, before)]
    assert sorted(there) == sorted(back)
    assert [entry for entry in there if entry[0] == "equal"] == [entry for entry in back if entry[0] == "equal"]


@given(texts)
def test_a_text_is_equal_to_itself(text: str) -> None:
    assert edits(text, text) == ((Edit("equal", text),) if text else ())


@given(st.text(st.sampled_from(LETTERS), max_size=60))
def test_no_mark_is_parted_from_its_letter(text: str) -> None:
    found = tokens(text)
    assert "".join(found) == text
    assert not [token for token in found[1:] if unicodedata.category(token[0]).startswith("M") or token[0] == "\u200d"]


def written(letters: str, size: int) -> str:
    chance = random.Random(letters)
    return "".join(chance.choice(letters) for _ in range(size))


HAN = "".join(map(chr, range(0x4E00, 0x5E00)))
OTHER_HAN = "".join(map(chr, range(0x6000, 0x7000)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (written(HAN, 20_000), written(HAN[::-1], 20_000)),
        (written(HAN, 20_000), written(OTHER_HAN, 20_000)),
        ("x " * 10_000, "y " * 10_000),
        ("a b " * 5_000, "b a c " * 3_300),
        ("." * 20_000, "!?" * 10_000),
        (written("ab ", 20_000), written("ba .", 20_000)),
        ("。".join(written(HAN, n) for n in range(1, 190)), "。".join(written(OTHER_HAN, n) for n in range(1, 190))),
    ],
)
def test_two_long_texts_with_nothing_in_common_take_less_than_a_second(before: str, after: str) -> None:
    began = time.perf_counter()
    found = edits(before, after)
    assert time.perf_counter() - began < 1
    assert (joined(found, "equal", "delete"), joined(found, "equal", "insert")) == (before, after)


def test_of_two_long_texts_with_nothing_in_common_one_is_deleted_and_one_inserted() -> None:
    before, after = written("กขคงจฉชซ", 20_000), written("ซชฉจงคขก", 20_000)
    assert [edit.op for edit in edits(f"始{before}", f"始{after}")] == ["equal", "delete", "insert"]


def test_a_long_text_is_compared_finely_where_its_sentences_differ() -> None:
    """More than is aligned at once: sentence by sentence, and within those that differ by characters."""
    sentences = [f"{written(HAN, 40)[n % 20 :]}{n}。" for n in range(500)]
    changed = list(sentences)
    changed[7] = f"新{sentences[7]}"
    changed[480] = f"旧{sentences[480]}"
    before, after = "".join(sentences), "".join(changed)
    assert len(tokens(before)) ** 2 > module._MOST_CELLS
    assert [edit.text for edit in edits(before, after) if edit.op != "equal"] == ["新", "旧"]
