"""Near-duplicates: what makes no difference, what does, and how well a sketch tells how much of two texts is common."""

import random
import time
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.core.practices.similarity import (
    CHARACTERS,
    ENOUGH,
    LEAST,
    NEAR,
    SHINGLES,
    SKETCH,
    TEXTS,
    Sketch,
    keys,
    share,
    shingles_of,
    sketch_of,
    sketches,
)
from services.core.practices.submission import Submission
from services.local.demonstration.cohort import practice_submissions
from tests.fixtures import prose

DEMONSTRATION = {entry["key"]: entry["practice"] for entry in practice_submissions()["practices"]}
CHINESE = (
    "高雄是台灣最大的工業城市，全市碳排放有八成來自鋼鐵、石化與水泥等產業，單靠自願減量無法達成目標。",
    "市府在二〇二三年邀集四十家工廠成立淨零大聯盟，由中鋼帶領供應鏈廠商完成第一次溫室氣體盤查，並派專家到廠輔導節能改善。",
    "工廠最缺的是會盤查的人，所以要先辦訓練，再談減量目標；大廠帶小廠比政府逐家拜訪有效得多。",
    "其他城市若要仿效，需要有幾家願意帶頭的大企業，以及一筆可以支應輔導團隊三年薪資的固定預算。",
)
JAPANESE = (
    "横浜市では家庭ごみの三割が再生できる紙と容器包装であり、焼却工場の維持費が市の財政を圧迫していた。",
    "市は分別を十品目に広げ、地域の説明会を一万回以上ひらいて、住民と一緒にごみの減らし方を決めていった。",
    "七年間でごみの量は四割以上減り、二つの焼却工場を閉じることができたので、建て替えの費用がいらなくなった。",
    "ほかの都市が同じことをするには、町内会のように顔の見える組織と、続けて話し合う職員が必要である。",
)
KOREAN = (
    "고양시는 인구 백만의 도시로 자동차에서 나오는 온실가스가 전체 배출량의 절반을 넘는다.",
    "시는 버스 노선을 다시 짜고 지하철역마다 공공자전거를 두었으며, 통행량이 많은 길에 전용 차로를 만들었다.",
    "처음에는 상인들이 주차 공간이 줄어든다고 반대했지만, 석 달의 시험 운영 뒤에는 손님이 늘었다고 말했다.",
    "다른 도시가 따라 하려면 먼저 작은 구간에서 시험하고 그 결과를 숫자로 보여 주어야 한다.",
)
THAI = (
    "กรุงเทพมหานครมีปัญหาน้ำท่วมทุกปีเพราะพื้นที่ซับน้ำลดลงและท่อระบายน้ำเก่าไม่สามารถรองรับฝนที่ตกหนักขึ้นได้",
    "เมืองจึงสร้างสวนสาธารณะที่เก็บน้ำฝนไว้ใต้ดินและปลูกต้นไม้ริมคลองร่วมกับชุมชนและมหาวิทยาลัยในพื้นที่",
    "บทเรียนสำคัญคือต้องให้คนในชุมชนร่วมออกแบบตั้งแต่ต้นเพราะพวกเขารู้ว่าน้ำไหลไปทางไหน",
)
SMALLEST_OF_THE_CHINESE_TEXT = ((-9161221597664214837, -9112884196999747757), (-7644814751360240243, 4088668023649744491))
"""Its first two hashes and its first two keys."""
TEXTS_BY_SCRIPT = {"zh-Hant": CHINESE, "ja": JAPANESE, "ko": KOREAN, "th": THAI}


def sketch(text: str) -> Sketch:
    return sketch_of(shingles_of(text))


def sketch_of_practice(content: dict[str, Any]) -> Sketch:
    given: dict[str, Any] = {name: content[name] for name in TEXTS}
    return sketches(Submission(language="en", **given))["en"]


def containment(one: list[str], other: list[str]) -> float:
    return len(set(one) & set(other)) / len(set(one))


def is_found(one: str, other: str) -> bool:
    """Whether the first text is a near-duplicate of the second, and the index finds it."""
    ours, theirs = sketch(one), sketch(other)
    return bool(set(keys(ours)) & set(keys(theirs))) and share(ours, theirs) >= NEAR


@given(st.text(max_size=2_000))
def test_a_text_is_wholly_like_itself(text: str) -> None:
    one = sketch(text * 3)
    assert share(one, one) == (1 if one else 0)
    assert list(one) == sorted(set(one))


@given(st.integers(0, 10**9), st.sampled_from(["", *TEXTS_BY_SCRIPT]))
def test_width_case_white_space_and_punctuation_make_no_difference(seed: int, script: str) -> None:
    chance = random.Random(seed)
    text = "".join(TEXTS_BY_SCRIPT[script]) if script else prose.text(chance, 80)
    halves = {ord(full): half for half in map(chr, range(0x21, 0x7F)) if (full := chr(ord(half) + 0xFEE0)) if half.isalnum()}
    wide = {ord(half): chr(whole) for whole, half in halves.items()}
    spaced = "".join(letter + chance.choice(["", "", "\n", "　"]) if letter in " 。，、．" else letter for letter in text)
    for same in (text.translate(wide), text.upper(), spaced, text.replace(".", " ! ").replace("，", "；"), f"\n{text}…"):
        assert sketch(same) == sketch(text) != ()


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u2060", "\ufe0f", "\u034f", "\U000e0061"])
def test_what_cannot_be_seen_makes_no_difference(unseen: str) -> None:
    for text in (prose.text(random.Random(4), 80), "".join(CHINESE)):
        assert sketch(unseen.join(text)) == sketch(text) != ()


def test_letters_of_another_alphabet_that_look_the_same_make_no_difference() -> None:
    text = prose.text(random.Random(4), 80)
    for latin, alike in (("aeopcyxijs", "аеорсухіјѕ"), ("oi", "οι"), ("ABEHKMOPTX", "АВЕНКМОРТХ"), ("ABEHIKMOPTX", "ΑΒΕΗΙΚΜΟΡΤΧ")):
        capital = text.upper() if latin.isupper() else text
        disguised = capital.translate(str.maketrans(latin, alike))
        assert disguised != capital
        assert sketch(disguised) == sketch(text) != ()
    russian = "Город собирает дождевую воду в парках, чтобы улицы не затапливало после сильных дождей."
    assert shingles_of(russian.upper()) == shingles_of(russian)
    assert len(shingles_of(russian)) == 11


def test_letters_that_become_many_and_endless_accents_cost_no_more_than_others() -> None:
    for costly in ("\ufdfa" * CHARACTERS, "\ufdfa " * CHARACTERS, "a" + "\u0301\u0323" * CHARACTERS):
        begun = time.process_time()
        for _ in range(5):
            sketch(costly)
        assert (time.process_time() - begun) / 5 < 0.1  # some 5 ms; without the limits 20 ms to 300 ms
    phrase = unicodedata.normalize("NFKC", "\ufdfa")
    assert sum(len(shingle) for shingle in set(shingles_of("\ufdfa" * CHARACTERS))) < 20 * len(phrase)


def test_half_width_kana_and_composed_letters_are_the_same_letters() -> None:
    assert shingles_of("ｶﾞｿﾘﾝｽﾀﾝﾄﾞ") == shingles_of("ガソリンスタンド") != []
    city = "Größe der Städte in Südkorea für müde Bürger"
    assert shingles_of(unicodedata.normalize("NFD", city)) == shingles_of(city) != []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.floats(0, 1), st.integers(60, 1_500), st.integers(60, 1_500))
def test_the_estimate_lies_near_the_exact_share(seed: int, common: float, size: int, other_size: int) -> None:
    chance = random.Random(seed)
    both = [str(chance.random()) for _ in range(int(min(size, other_size) * common))]
    one, other = ([*both, *(str(chance.random()) for _ in range(much - len(both)))] for much in (size, other_size))
    found, exact = float(share(sketch_of(one), sketch_of(other))), containment(one, other)
    looked_at = min(SKETCH, len(one), SKETCH * len(one) / len(other)) * 0.6  # how many of a sketch lie so low varies as well
    assert abs(found - exact) <= 0.01 + 5 * (exact * (1 - exact) / looked_at) ** 0.5 + 3 / looked_at
    if max(len(one), len(other)) < SKETCH:
        assert found == round(exact, 2)
    if exact == 1:
        assert found == 1


@pytest.mark.parametrize("script", ["", *TEXTS_BY_SCRIPT])
def test_the_share_is_how_much_of_this_text_stands_in_the_other(script: str) -> None:
    chance = random.Random(8)
    letters = sorted(set("".join(TEXTS_BY_SCRIPT[script]))) if script else []
    one, more = ("".join(chance.choices(letters, k=900)) if script else prose.text(chance, 600) for _ in range(2))
    half = one[: len(one) // 2]
    assert share(sketch(one), sketch(f"{one}\n{more}")) == 1
    assert share(sketch(half), sketch(one)) >= Decimal("0.99")
    assert is_found(one, f"{one}\n{more}")
    assert is_found(half, one)
    assert abs(share(sketch(f"{one}\n{more}"), sketch(one)) - Decimal("0.5")) < Decimal("0.2")
    assert abs(share(sketch(one), sketch(half)) - Decimal("0.5")) < Decimal("0.2")


def test_most_texts_that_were_copied_and_changed_are_found() -> None:
    texts = [prose.text(random.Random(f"copied {number}"), 800) for number in range(40)]
    longer = [f"{text} {prose.text(random.Random(f'added {number}'), 800)}" for number, text in enumerate(texts)]
    changed = [" ".join("other" if at % 12 == 5 else word for at, word in enumerate(text.split())) for text in texts]
    assert sum(map(is_found, texts, longer)) >= 38
    assert sum(map(is_found, [text[: len(text) // 2] for text in texts], texts)) >= 38
    assert sum(map(is_found, changed, texts)) >= 34


def test_the_order_of_sentences_counts_little_and_one_changed_sentence_leaves_a_near_duplicate() -> None:
    for key, content in DEMONSTRATION.items():
        changed = content | {"lessons": "We would begin by asking the people who live there what they need most of all."}
        assert NEAR <= share(sketch_of_practice(content), sketch_of_practice(changed)) < 1, key


@pytest.mark.parametrize("script", TEXTS_BY_SCRIPT)
def test_one_changed_sentence_leaves_a_near_duplicate_in_scripts_without_spaces(script: str) -> None:
    sentences = TEXTS_BY_SCRIPT[script]
    whole = "".join(sentences)
    edited = "".join((*sentences[:-1], sentences[-1][: len(sentences[-1]) // 3]))
    assert NEAR <= share(sketch(whole), sketch(edited)) < 1
    assert set(keys(sketch(whole))) & set(keys(sketch(edited)))


def test_different_practices_are_different_even_of_the_same_city_and_theme() -> None:
    found = {key: sketch_of_practice(content) for key, content in DEMONSTRATION.items()}
    pairs = [share(found[one], found[other]) for one in found for other in found if one < other]
    pairs += [
        share(sketch("".join(one)), sketch("".join(other)))
        for one in TEXTS_BY_SCRIPT.values()
        for other in TEXTS_BY_SCRIPT.values()
        if one < other
    ]
    assert len(pairs) > 15
    assert max(pairs) < Decimal("0.3")


def test_two_chinese_practices_on_the_same_theme_are_different() -> None:
    other = (
        "台南市沿海工業區的用電逐年增加，許多工廠想用綠電卻買不到，也不知道如何計算自己的排放。",
        "市府與電力公司合作，在魚塭上設置太陽能板，並媒合中小工廠共同簽訂十年購電契約。",
        "最難的是說服漁民，後來由漁會先示範一池，收成沒有減少，大家才願意加入。",
    )
    assert share(sketch("".join(CHINESE)), sketch("".join(other))) < Decimal("0.1")


def test_near_texts_are_found_by_their_keys_and_a_common_sentence_finds_nothing() -> None:
    contents = [prose.practice(number) for number in range(200)]
    found = [sketch_of_practice(content) for content in contents]
    indexed = [set(keys(each)) for each in found]
    edited = [
        sketch_of_practice(content | {"transfer_conditions": prose.text(random.Random(number), 60)})
        for number, content in enumerate(contents)
    ]
    for number, each in enumerate(edited):
        candidates = [other for other, its in enumerate(indexed) if its & set(keys(each))]
        assert candidates == [number]
        assert share(each, found[number]) > NEAR


def test_each_language_has_a_sketch_the_original_first_and_a_short_text_none() -> None:
    submission = Submission(
        language="zh-Hant", actions="".join(CHINESE), translations={"ja": {"actions": "".join(JAPANESE)}, "en": {"summary": "Short."}}
    )
    found = sketches(submission)
    assert list(found) == ["zh-Hant", "ja"]
    assert found["ja"] == sketch("".join(JAPANESE))
    assert list(sketches(Submission(actions="".join(CHINESE)))) == ["und"]
    assert sketches(Submission()) == {}


def test_of_a_short_text_only_the_same_is_found() -> None:
    words = [f"word{number}" for number in range(ENOUGH + 2)]
    enough, one_less, least, too_short = (" ".join(words[:much]) for much in (ENOUGH + 2, ENOUGH + 1, LEAST + 2, LEAST + 1))
    assert len(keys(sketch(enough))) > 1
    for short in (one_less, least):
        assert len(keys(sketch(short))) == 1
        assert is_found(short, f"{short.upper()}!")
        assert not is_found(short, f"{short} more")
        assert not is_found(short, enough)
    assert sketches(Submission(language="en", lessons=too_short)) == {}
    assert sketches(Submission(language="zh", lessons="".join(CHINESE)[:26])) == {}
    assert keys(()) == []


def test_a_translation_into_the_texts_own_language_does_not_replace_the_original() -> None:
    given = Submission(
        language="en", actions=prose.text(random.Random(1), 99), translations={"en": {"actions": prose.text(random.Random(2), 99)}}
    )
    assert sketches(given) == {"en": sketch(given.actions)}


def test_only_the_beginning_of_endless_texts_is_looked_at() -> None:
    chance = random.Random(1)
    long = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(200_000))
    assert len(shingles_of(long)) == SHINGLES
    found = sketches(Submission(language="zh", actions=long, translations={"ja": {"actions": long}}))
    assert list(found) == ["zh"]
    assert sketches(Submission(language="en", actions="a" * 100_000)) == {}


def test_a_sketch_is_the_same_for_ever() -> None:
    found = sketch("".join(CHINESE))
    assert found[:2] == SMALLEST_OF_THE_CHINESE_TEXT[0]
    assert tuple(keys(found)[:2]) == SMALLEST_OF_THE_CHINESE_TEXT[1]
